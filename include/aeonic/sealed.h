#ifndef AEONIC_SEALED_H
#define AEONIC_SEALED_H
/*
  Sealed HDF5 files: either whole or refused, and under their name only when they are whole.

  A file is written beside its name as <path>.tmp, synced, sealed, synced, read back and checked, renamed, and its folder
  synced; whatever fails on the way, an older file of that name stays as it was, and all ranks have the one reason. Every
  dataset has an attribute `blake2b`, the BLAKE2b-256 (RFC 7693) of its bytes in natural order, taken from memory before they
  are written. Behind HDF5's end of file stand 48 bytes more, which HDF5 does not look at: "AEONICCK", the length of what is
  before them (uint64, little endian) and its BLAKE2b-256. So a byte that is changed or lost anywhere is found before HDF5
  reads the file. Any HDF5 reader opens it; a program that changes it cuts the seal off.

  It stands in base since the memory's bank, checkpoints, the modes of ns and the 3-D output, which share no other module, all
  leave such files behind.
*/
#include <aeonic/base.h>
#include <hdf5.h>

/*
  A reason has AE_REASON characters and is empty while all is well; the first failure is remembered.
    AeReason       - remembers a text
    AeH5Try        - returns what an HDF5 call returned, and remembers HDF5's words if it failed
    AeH5Expect     - the same with a text of one's own
    AeH5QuietBegin, AeH5QuietEnd - HDF5 prints its errors on stderr unless told not to; ours are one line
    AeAgree        - collective: *failed on all ranks, with the reason and *bad (or NULL) of the first that has a reason
    AeAgreeOrRaise - collective: an error of that code on all ranks, "cannot <verb> <path>: <reason>", if any has one
*/
enum { AE_REASON = 512, AE_DIGEST = 32 };
typedef struct {
  H5E_auto2_t print;
  void       *ctx;
} AeH5Quiet;
PETSC_EXTERN void           AeReason(char why[], const char format[], ...) PETSC_ATTRIBUTE_FORMAT(2, 3);
PETSC_EXTERN hid_t          AeH5Try(char why[], hid_t result);
PETSC_EXTERN hid_t          AeH5Expect(char why[], hid_t result, const char text[]);
PETSC_EXTERN void           AeH5QuietBegin(AeH5Quiet *);
PETSC_EXTERN void           AeH5QuietEnd(const AeH5Quiet *);
PETSC_EXTERN PetscErrorCode AeAgree(MPI_Comm, char why[], PetscInt *bad, PetscBool *failed);
PETSC_EXTERN PetscErrorCode AeAgreeOrRaise(MPI_Comm, PetscErrorCode code, const char verb[], const char path[], char why[]);

/*
  AeH5TextType  - of so many characters
  AeH5Attribute - n values, 0: a scalar; `stored` and `type`: as in the file and in memory
  AeH5Text      - a text as an attribute
  AeH5Dataset   - contiguous, with its place in the file allocated at once and left as it is; rank 0: a scalar
  AeH5SumIs     - a reason unless the digest is that of the dataset's attribute
*/
PETSC_EXTERN hid_t AeH5TextType(size_t length);
PETSC_EXTERN void  AeH5Attribute(char why[], hid_t where, const char name[], hid_t stored, hid_t type, hsize_t n,
                                 const void *value);
PETSC_EXTERN void  AeH5Text(char why[], hid_t where, const char name[], const char text[]);
PETSC_EXTERN hid_t AeH5Dataset(char why[], hid_t where, const char name[], hid_t type, int rank, const hsize_t n[]);
PETSC_EXTERN void  AeH5SumIs(char why[], hid_t dataset, const char name[], const unsigned char digest[AE_DIGEST]);

/* Of one rank; 0 or errno. AeClaim: disk space for a file, made if it is not there, so that a full disk is known before
   anything is written; how: fallocate's flags. AeSync: a file or a folder; what is read next comes from the disk, where the
   system allows it. */
PETSC_EXTERN int AeClaim(const char path[], uint64_t bytes, int how);
PETSC_EXTERN int AeSync(const char path[]);

typedef struct {
  MPI_Comm    comm;
  PetscMPIInt rank;
  PetscBool   parallel;
  hid_t       file; /* negative on ranks that do not write, and after a failure */
  char        why[AE_REASON];
  char        path[PETSC_MAX_PATH_LEN], tmp[PETSC_MAX_PATH_LEN + 8];
  AeH5Quiet   quiet;
} AeSealed;
enum { AE_SEALED_PARALLEL = 1, AE_SEALED_FOLDER = 2 };

/*
  AeSealedBegin - AE_SEALED_PARALLEL: all ranks write, and make HDF5's collective calls alike whatever has gone wrong; else rank
                  0 does. AE_SEALED_FOLDER: the folder is made if it is not there. room: bytes that it will need, about
                  but not less: a disk that is full is known then. (HDF5 crashes at the program's end when it could not write
                  a file out.)
  AeSealedWrite - a dataset of rank 0's memory, with its sum; *dataset (or NULL) is left open for more attributes, or negative
  AeSealedSum   - the sum of a dataset that was written otherwise; the same on all ranks that write
  AeSealedEnd   - the file under its name, or `why` on all ranks and no temporary; bytes (or NULL): of the file
  All collective; errors are returned of MPI and the like only, what becomes of the file is in `why`.

  AeSealedCheck - this rank reads the whole file: a reason if the seal or a dataset is wrong, or there is no seal although
                  there must be one (files of older versions have none)
*/
PETSC_EXTERN PetscErrorCode AeSealedBegin(MPI_Comm, const char path[], uint64_t room, int how, AeSealed *);
PETSC_EXTERN PetscErrorCode AeSealedWrite(AeSealed *, const char name[], hid_t type, int rank, const hsize_t n[],
                                          const void *data, hid_t *dataset);
PETSC_EXTERN void           AeSealedSum(AeSealed *, hid_t dataset, const unsigned char digest[AE_DIGEST]);
PETSC_EXTERN PetscErrorCode AeSealedEnd(AeSealed *, PetscInt64 *bytes);
PETSC_EXTERN void           AeSealedCheck(const char path[], PetscBool must, char why[]);
#endif
