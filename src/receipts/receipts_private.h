#ifndef AEONIC_RECEIPTS_PRIVATE_H
#define AEONIC_RECEIPTS_PRIVATE_H
#include <aeonic/receipts.h>

#define AE_RECEIPTS_FORMAT "aeonic-receipts-1"

/* Length of the UTF-8 character at s (s < end), 0 if there is none. */
PETSC_INTERN size_t AeUtf8(const unsigned char *s, const unsigned char *end);
/* BLAKE2b-256 in hex of text and of a file (0, or -1 with errno). */
PETSC_INTERN void AeReceiptDigest(const char text[], size_t n, char hex[AE_RECEIPT_HEX]);
PETSC_INTERN int  AeReceiptDigestFile(const char path[], char hex[AE_RECEIPT_HEX]);

PETSC_INTERN PetscBool AeReceiptsWrites(AeReceipts); /* on this rank */

/* ---- a line as the scanner sees it (scan.c) ---- */
typedef struct {
  const char *s;
  size_t      n;
} AeSpan;

typedef struct {
  PetscInt64    seq, level;
  AeReceiptKind kind;
  AeClockTime   clock;
  AeSpan        time;                      /* the text of clock.t */
  AeSpan        required[AE_RECEIPT_KEYS]; /* values of the kind's keys, texts without their quotes */
  AeSpan        prev, hash;
  size_t        hashed; /* the hash covers so many bytes */
} AeReceiptLine;

/* Takes the text of a line (without its newline) apart, all of it. NULL, or what is wrong, with *column (0-based) where.
   `before`: the line before, whose time need not be converted again if it is the same; may be NULL. */
PETSC_INTERN const char *AeReceiptScan(const char text[], size_t n, const AeReceiptLine *before, AeReceiptLine *line,
                                       size_t *column);
PETSC_INTERN PetscBool   AeSpanInt(AeSpan, PetscInt64 *);
PETSC_INTERN PetscBool   AeSpanReal(AeSpan, PetscReal *); /* null: false */
#endif
