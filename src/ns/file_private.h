#ifndef AEONIC_NS_FILE_PRIVATE_H
#define AEONIC_NS_FILE_PRIVATE_H
/* Between reading modes and reading points. */
#include "ns_private.h"
#include <aeonic/sealed.h>

/* Opens a file to read it; every rank for itself. */
PETSC_INTERN hid_t AeNSOpen(const char path[], char why[]);
#endif
