#ifndef AEONIC_NS_FILE_PRIVATE_H
#define AEONIC_NS_FILE_PRIVATE_H
/* Reading and writing HDF5 with one reason for all ranks. */
#include "ns_private.h"
#include <hdf5.h>

#define WHY 512

typedef struct {
  AeNS        s;
  const char *path;
  PetscMPIInt rank, size;
  char        why[WHY]; /* empty while all is well */
} AeNSFile;

/* Remembers the first reason; AeNSTry: if an HDF5 call failed. Returns what it returned. */
PETSC_INTERN void  AeNSBecause(AeNSFile *, const char text[]);
PETSC_INTERN hid_t AeNSTry(AeNSFile *, hid_t id, const char what[]);
/* The same outcome on all ranks: an error of `code` if any of them has a reason. */
PETSC_INTERN PetscErrorCode AeNSAgree(AeNSFile *, const char verb[], PetscErrorCode code);
/* HDF5 prints its errors on stderr unless told not to; ours is one line. */
PETSC_INTERN void AeNSQuiet(PetscBool on);
#endif
