/*
  What -citations prints: BibTeX by key, in one table. A module names the keys of what it has used.
*/
#include "base_private.h"

static const struct {
  const char *key, *text;
} table[] = {
  {"aeonic", "@misc{aeonic,\n"
             "  title = {Aeonic: numerical relativity on PETSc},\n"
             "  note  = {version " AEONIC_VERSION "}\n"
             "}\n"},
  {"Alcubierre2003", "@article{Alcubierre2003,\n"
                     "  title = {Gauge conditions for long-term numerical black hole evolutions without excision},\n"
                     "  author = {Alcubierre, M. and others},\n"
                     "  journal = {Phys. Rev. D}, volume = {67}, pages = {084023}, year = {2003}\n"
                     "}\n"},
  {"Alcubierre2008", "@book{Alcubierre2008,\n"
                     "  title = {Introduction to 3+1 Numerical Relativity},\n"
                     "  author = {Alcubierre, M.},\n"
                     "  publisher = {Oxford University Press}, year = {2008}\n"
                     "}\n"},
  {"Alic2012", "@article{Alic2012,\n"
               "  title = {Conformal and covariant formulation of the Z4 system with constraint-violation damping},\n"
               "  author = {Alic, D. and Bona-Casas, C. and Bona, C. and Rezzolla, L. and Palenzuela, C.},\n"
               "  journal = {Phys. Rev. D}, volume = {85}, pages = {064040}, year = {2012}\n"
               "}\n"},
  {"Alic2013", "@article{Alic2013,\n"
               "  title = {Constraint damping of the conformal and covariant formulation of the Z4 system in simulations of "
               "binary neutron stars},\n"
               "  author = {Alic, D. and Kastaun, W. and Rezzolla, L.},\n"
               "  journal = {Phys. Rev. D}, volume = {88}, pages = {064049}, year = {2013}\n"
               "}\n"},
  {"Babiuc2008", "@article{Babiuc2008,\n"
                 "  title = {Implementation of standard testbeds for numerical relativity},\n"
                 "  author = {Babiuc, M. C. and others},\n"
                 "  journal = {Class. Quantum Grav.}, volume = {25}, pages = {125012}, year = {2008}\n"
                 "}\n"},
  {"Balakrishna1996", "@article{Balakrishna1996,\n"
                      "  title = {Coordinate conditions and their implementation in 3D numerical relativity},\n"
                      "  author = {Balakrishna, J. and Daues, G. and Seidel, E. and Suen, W.-M. and Tobias, M. and Wang, E.},\n"
                      "  journal = {Class. Quantum Grav.}, volume = {13}, pages = {L135}, year = {1996}\n"
                      "}\n"},
  {"Baumgarte1998", "@article{Baumgarte1998,\n"
                    "  title = {Numerical integration of Einstein's field equations},\n"
                    "  author = {Baumgarte, T. W. and Shapiro, S. L.},\n"
                    "  journal = {Phys. Rev. D}, volume = {59}, pages = {024007}, year = {1998}\n"
                    "}\n"},
  {"Bona1995", "@article{Bona1995,\n"
               "  title = {New formalism for numerical relativity},\n"
               "  author = {Bona, C. and Masso, J. and Seidel, E. and Stela, J.},\n"
               "  journal = {Phys. Rev. Lett.}, volume = {75}, pages = {600}, year = {1995}\n"
               "}\n"},
  {"Bowen1980", "@article{Bowen1980,\n"
                "  title = {Time-asymmetric initial data for black holes and black-hole collisions},\n"
                "  author = {Bowen, J. M. and York, J. W.},\n"
                "  journal = {Phys. Rev. D}, volume = {21}, pages = {2047}, year = {1980}\n"
                "}\n"},
  {"Brandt1996", "@article{Brandt1996,\n"
                 "  title = {Evolution of distorted rotating black holes. III. Initial data},\n"
                 "  author = {Brandt, S. R. and Seidel, E.},\n"
                 "  journal = {Phys. Rev. D}, volume = {54}, pages = {1403}, year = {1996}\n"
                 "}\n"},
  {"Brandt1997", "@article{Brandt1997,\n"
                 "  title = {A simple construction of initial data for multiple black holes},\n"
                 "  author = {Brandt, S. and Br\\\"ugmann, B.},\n"
                 "  journal = {Phys. Rev. Lett.}, volume = {78}, pages = {3606}, year = {1997}\n"
                 "}\n"},
  {"Brill1959", "@article{Brill1959,\n"
                "  title = {On the positive definite mass of the Bondi-Weber-Wheeler time-symmetric gravitational waves},\n"
                "  author = {Brill, D. R.},\n"
                "  journal = {Ann. Phys.}, volume = {7}, pages = {466}, year = {1959}\n"
                "}\n"},
  {"Brill1963", "@article{Brill1963,\n"
                "  title = {Interaction energy in geometrostatics},\n"
                "  author = {Brill, D. R. and Lindquist, R. W.},\n"
                "  journal = {Phys. Rev.}, volume = {131}, pages = {471}, year = {1963}\n"
                "}\n"},
  {"Cook2000", "@article{Cook2000,\n"
               "  title = {Initial Data for Numerical Relativity},\n"
               "  author = {Cook, G. B.},\n"
               "  journal = {Living Rev. Relativity}, volume = {3}, pages = {5}, year = {2000}\n"
               "}\n"},
  {"CoxMatthews2002", "@article{CoxMatthews2002,\n"
                      "  author = {S. M. Cox and P. C. Matthews},\n"
                      "  title = {Exponential time differencing for stiff systems},\n"
                      "  journal = {J. Comput. Phys.},\n"
                      "  volume = {176},\n"
                      "  pages = {430--455},\n"
                      "  year = {2002}\n"
                      "}\n"},
  {"Etienne2024", "@article{Etienne2024,\n"
                  "  title = {Improved moving-puncture techniques for compact binary simulations},\n"
                  "  author = {Etienne, Zachariah B.},\n"
                  "  journal = {Phys. Rev. D}, volume = {110}, pages = {064045}, year = {2024}\n"
                  "}\n"},
  {"Hannam2008", "@article{Hannam2008,\n"
                 "  title = {Wormholes and trumpets: Schwarzschild spacetime for the moving-puncture generation},\n"
                 "  author = {Hannam, M. and Husa, S. and Ohme, F. and Br\\\"ugmann, B. and \\'O Murchadha, N.},\n"
                 "  journal = {Phys. Rev. D}, volume = {78}, pages = {064020}, year = {2008}\n"
                 "}\n"},
  {"Hilditch2013", "@article{Hilditch2013,\n"
                   "  title = {Compact binary evolutions with the Z4c formulation},\n"
                   "  author = {Hilditch, D. and Bernuzzi, S. and Thierfelder, M. and Cao, Z. and Tichy, W. and Bruegmann, B.},\n"
                   "  journal = {Phys. Rev. D}, volume = {88}, pages = {084057}, year = {2013}\n"
                   "}\n"},
  {"KassamTrefethen2005", "@article{KassamTrefethen2005,\n"
                          "  author = {A.-K. Kassam and L. N. Trefethen},\n"
                          "  title = {Fourth-order time-stepping for stiff {PDEs}},\n"
                          "  journal = {SIAM J. Sci. Comput.},\n"
                          "  volume = {26},\n"
                          "  pages = {1214--1233},\n"
                          "  year = {2005}\n"
                          "}\n"},
  {"Liu2009", "@article{Liu2009,\n"
              "  title = {Fixed-gauge evolution of quasi-isotropic Kerr data},\n"
              "  author = {Liu, Y. T. and Etienne, Z. B. and Shapiro, S. L.},\n"
              "  journal = {Phys. Rev. D}, volume = {80}, pages = {121503}, year = {2009}\n"
              "}\n"},
  {"Sandu2019", "@article{Sandu2019,\n"
                "  author = {A. Sandu},\n"
                "  title = {A class of multirate infinitesimal {GARK} methods},\n"
                "  journal = {SIAM J. Numer. Anal.},\n"
                "  volume = {57},\n"
                "  pages = {2300--2327},\n"
                "  year = {2019}\n"
                "}\n"},
  {"Shibata1995", "@article{Shibata1995,\n"
                  "  title = {Evolution of three-dimensional gravitational waves: harmonic slicing case},\n"
                  "  author = {Shibata, M. and Nakamura, T.},\n"
                  "  journal = {Phys. Rev. D}, volume = {52}, pages = {5428}, year = {1995}\n"
                  "}\n"},
  {"Smarr1978", "@article{Smarr1978,\n"
                "  title = {Kinematical conditions in the construction of spacetime},\n"
                "  author = {Smarr, L. and York, J. W.},\n"
                "  journal = {Phys. Rev. D}, volume = {17}, pages = {2529}, year = {1978}\n"
                "}\n"},
  {"Teukolsky1982", "@article{Teukolsky1982,\n"
                    "  title = {Linearized quadrupole waves in general relativity and the motion of test particles},\n"
                    "  author = {Teukolsky, S. A.},\n"
                    "  journal = {Phys. Rev. D}, volume = {26}, pages = {745}, year = {1982}\n"
                    "}\n"},
  {"vanMeter2006",
   "@article{vanMeter2006,\n"
   "  title = {How to move a black hole without excision: gauge conditions for the numerical evolution of a moving puncture},\n"
   "  author = {van Meter, J. R. and others},\n"
   "  journal = {Phys. Rev. D}, volume = {73}, pages = {124011}, year = {2006}\n"
   "}\n"},
  {"York1979", "@incollection{York1979,\n"
               "  title = {Kinematics and dynamics of general relativity},\n"
               "  author = {York, J. W.},\n"
               "  booktitle = {Sources of Gravitational Radiation},\n"
               "  publisher = {Cambridge University Press}, pages = {83}, year = {1979}\n"
               "}\n"},
};

enum { N = PETSC_STATIC_ARRAY_LENGTH(table) };

PetscErrorCode AeCite(const char keys[])
{
  static PetscBool cited[N];

  PetscFunctionBegin;
  for (size_t n; *keys; keys += n + (keys[n] != 0)) {
    size_t i = 0;

    n = strcspn(keys, " ");
    while (i < N && (strncmp(table[i].key, keys, n) || table[i].key[n])) i++;
    PetscCheck(i < N, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s is not in the table of citations", keys);
    PetscCall(PetscCitationsRegister(table[i].text, &cited[i]));
  }
  PetscFunctionReturn(0);
}
