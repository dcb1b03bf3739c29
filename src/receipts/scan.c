/*
  One line of receipts taken apart. The form is canonical, so that this is a comparison with what must stand there and
  no general parser: it reads as fast as the hash does.
*/
#include "receipts_private.h"
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

typedef struct {
  const char *s, *end;
} Text;

void AeReceiptDigest(const char text[], size_t n, char hex[AE_RECEIPT_HEX])
{
  unsigned char out[32];

  crypto_generichash_blake2b(out, sizeof out, (const unsigned char *)text, n, NULL, 0);
  sodium_bin2hex(hex, AE_RECEIPT_HEX, out, sizeof out);
}

int AeReceiptDigestFile(const char path[], char hex[AE_RECEIPT_HEX])
{
  static char                      part[65536];
  crypto_generichash_blake2b_state h;
  unsigned char                    out[32];
  ssize_t                          n;
  const int                        fd = open(path, O_RDONLY | O_CLOEXEC);

  if (fd < 0) return -1;
  crypto_generichash_blake2b_init(&h, NULL, 0, sizeof out);
  while ((n = read(fd, part, sizeof part)) > 0) crypto_generichash_blake2b_update(&h, (unsigned char *)part, (size_t)n);
  close(fd);
  if (n < 0) return -1;
  crypto_generichash_blake2b_final(&h, out, sizeof out);
  sodium_bin2hex(hex, AE_RECEIPT_HEX, out, sizeof out);
  return 0;
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF */
size_t AeUtf8(const unsigned char *s, const unsigned char *end)
{
  const unsigned char c = *s;
  const size_t        n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;

  if (!n || (size_t)(end - s) < n) return 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  if ((c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] > 0x9f) || (c == 0xf0 && s[1] < 0x90) || (c == 0xf4 && s[1] > 0x8f))
    return 0;
  return n;
}

#define LITERAL(x, text) Literal(x, text, sizeof(text) - 1)
static inline PetscBool Literal(Text *x, const char text[], size_t n)
{
  if ((size_t)(x->end - x->s) < n || memcmp(x->s, text, n)) return PETSC_FALSE;
  x->s += n;
  return PETSC_TRUE;
}

static inline PetscBool Digits(Text *x)
{
  const char *s = x->s;
  while (x->s < x->end && (unsigned)(*x->s - '0') < 10) x->s++;
  return (PetscBool)(x->s > s);
}

/* -?(0|[1-9][0-9]*) that fits into 64 bits with a sign */
static PetscBool Int(Text *x, PetscInt64 *value)
{
  const PetscBool minus = (PetscBool)(x->s < x->end && *x->s == '-');
  const char     *s     = x->s += minus;
  uint64_t        v     = 0;

  if (!Digits(x) || x->s - s > 19 || (*s == '0' && x->s - s > 1)) return PETSC_FALSE;
  for (; s < x->s; s++) v = 10 * v + (uint64_t)(*s - '0'); /* 19 digits do not wrap */
  if (v > (uint64_t)INT64_MAX + minus) return PETSC_FALSE;
  *value = minus ? (PetscInt64)-v : (PetscInt64)v;
  return PETSC_TRUE;
}

/* a JSON number, or null */
static PetscBool Real(Text *x)
{
  const char *first;

  if (LITERAL(x, "null")) return PETSC_TRUE;
  if (x->s < x->end && *x->s == '-') x->s++;
  first = x->s;
  if (!Digits(x) || (*first == '0' && x->s - first > 1)) return PETSC_FALSE;
  if (x->s < x->end && *x->s == '.') {
    x->s++;
    if (!Digits(x)) return PETSC_FALSE;
  }
  if (x->s < x->end && *x->s == 'e') {
    x->s++;
    if (x->s < x->end && (*x->s == '+' || *x->s == '-')) x->s++;
    if (!Digits(x)) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* "\"" "\\" "\u001f": what the writer escapes, and the escapes that JSON has besides */
static PetscBool Escape(Text *x)
{
  if (x->end - x->s < 2) return PETSC_FALSE;
  if (strchr("\"\\/bfnrt", x->s[1])) {
    if (!x->s[1]) return PETSC_FALSE;
    x->s += 2;
    return PETSC_TRUE;
  }
  if (x->s[1] != 'u' || x->end - x->s < 6) return PETSC_FALSE;
  for (int i = 2; i < 6; i++)
    if (!strchr("0123456789abcdefABCDEF", x->s[i]) || !x->s[i]) return PETSC_FALSE;
  x->s += 6;
  return PETSC_TRUE;
}

/* A JSON string; the span is what stands between its quotes. */
static PetscBool String(Text *x, AeSpan *span)
{
  if (!LITERAL(x, "\"")) return PETSC_FALSE;
  span->s = x->s;
  for (;;) {
    unsigned char c;

    if (x->s == x->end) return PETSC_FALSE;
    c = (unsigned char)*x->s;
    if (c == '"') break;
    if (c < 0x20) return PETSC_FALSE;
    if (c == '\\') {
      if (!Escape(x)) return PETSC_FALSE;
    } else if (c < 0x80) x->s++;
    else {
      const size_t n = AeUtf8((const unsigned char *)x->s, (const unsigned char *)x->end);
      if (!n) return PETSC_FALSE;
      x->s += n;
    }
  }
  span->n = (size_t)(x->s - span->s);
  x->s++;
  return PETSC_TRUE;
}

static PetscBool IsHex(AeSpan h)
{
  for (size_t i = 0; i < h.n; i++)
    if ((unsigned)(h.s[i] - '0') > 9 && (unsigned)(h.s[i] - 'a') > 5) return PETSC_FALSE;
  return PETSC_TRUE;
}

/* 64 characters; they will be compared with hashes that were computed */
static PetscBool Hash(Text *x, AeSpan *span)
{
  if (x->end - x->s < 64) return PETSC_FALSE;
  *span = (AeSpan){x->s, 64};
  x->s += 64;
  return PETSC_TRUE;
}

static PetscBool Bool(Text *x) { return (PetscBool)(LITERAL(x, "true") || LITERAL(x, "false")); }

static PetscBool Map(Text *x)
{
  AeSpan span;

  if (!LITERAL(x, "{")) return PETSC_FALSE;
  if (LITERAL(x, "}")) return PETSC_TRUE;
  do
    if (!String(x, &span) || !LITERAL(x, ":") || !String(x, &span)) return PETSC_FALSE;
  while (LITERAL(x, ","));
  return LITERAL(x, "}");
}

static PetscBool Value(Text *x, AeValueType type, AeSpan *span)
{
  PetscInt64 i;
  PetscBool  good = PETSC_FALSE;

  span->s = x->s;
  if (type == AE_VALUE_TEXT) return String(x, span);
  if (type == AE_VALUE_HASH) return (PetscBool)(String(x, span) && (span->n == 64 || !span->n) && IsHex(*span));
  if (type == AE_VALUE_INT) good = Int(x, &i);
  if (type == AE_VALUE_REAL) good = Real(x);
  if (type == AE_VALUE_BOOL) good = Bool(x);
  if (type == AE_VALUE_MAP) good = Map(x);
  span->n = (size_t)(x->s - span->s);
  return good;
}

static PetscBool AnyValue(Text *x)
{
  AeSpan     span;
  const char c = x->s < x->end ? *x->s : 0;

  return c == '"' ? String(x, &span) : c == '{' ? Map(x) : c == 't' || c == 'f' ? Bool(x) : Real(x);
}

PetscBool AeSpanInt(AeSpan span, PetscInt64 *value)
{
  Text x = {span.s, span.s + span.n};
  return (PetscBool)(Int(&x, value) && x.s == x.end);
}

PetscBool AeSpanReal(AeSpan span, PetscReal *value)
{
  char copy[40];

  if (!span.n || span.n >= sizeof copy || *span.s == 'n') return PETSC_FALSE;
  memcpy(copy, span.s, span.n);
  copy[span.n] = 0;
  *value       = strtod(copy, NULL);
  return (PetscBool)isfinite(*value);
}

static PetscBool Kind(Text *x, AeReceiptKind *kind)
{
  const char  *end = memchr(x->s, '"', (size_t)(x->end - x->s));
  const size_t n   = end ? (size_t)(end - x->s) : 0;

  for (int k = 0; n && k < AE_RECEIPT_KINDS; k++)
    if (!strncmp(AeReceiptSchemas[k].name, x->s, n) && !AeReceiptSchemas[k].name[n]) {
      *kind = (AeReceiptKind)k;
      x->s  = end + 1;
      return PETSC_TRUE;
    }
  return PETSC_FALSE;
}

static PetscBool Clock(Text *x, const AeReceiptLine *before, AeReceiptLine *line)
{
  AeClockTime *c = &line->clock;

  if (!LITERAL(x, ",\"clock\":{\"step\":") || !Int(x, &c->step) || !LITERAL(x, ",\"n\":") || !Int(x, &c->n) ||
      !LITERAL(x, ",\"t\":"))
    return PETSC_FALSE;
  line->time.s = x->s;
  if (!Real(x)) return PETSC_FALSE;
  line->time.n = (size_t)(x->s - line->time.s);
  if (before && line->time.n == before->time.n && !memcmp(line->time.s, before->time.s, before->time.n)) c->t = before->clock.t;
  else if (!AeSpanReal(line->time, &c->t)) return PETSC_FALSE;
  return (PetscBool)(LITERAL(x, ",\"loom\":") && Int(x, &c->loom) && LITERAL(x, ",\"maint\":") && Int(x, &c->maint) &&
                     LITERAL(x, "}") && c->step >= 0 && c->n >= 0 && c->loom >= 0 && c->maint >= 0);
}

static const char *Payload(Text *x, AeReceiptLine *line)
{
  const AeReceiptSchema *schema = &AeReceiptSchemas[line->kind];
  AeSpan                 key;

  if (!LITERAL(x, ",\"payload\":{")) return "the payload";
  for (int r = 0; r < AE_RECEIPT_KEYS && schema->required[r].key; r++) {
    const char *want = schema->required[r].key;

    if ((r && !LITERAL(x, ",")) || !LITERAL(x, "\"") || !Literal(x, want, strlen(want)) || !LITERAL(x, "\":") ||
        !Value(x, schema->required[r].type, &line->required[r]))
      return want;
  }
  while (LITERAL(x, ","))
    if (!String(x, &key) || !LITERAL(x, ":") || !AnyValue(x)) return "the payload";
  return LITERAL(x, "}") ? NULL : "the end of the payload";
}

const char *AeReceiptScan(const char text[], size_t n, const AeReceiptLine *before, AeReceiptLine *line, size_t *column)
{
  Text        x    = {text, text + n};
  const char *what = NULL;
  PetscInt64  count;

  if (!LITERAL(&x, "{\"seq\":") || !Int(&x, &line->seq)) what = "seq";
  else if (!LITERAL(&x, ",\"kind\":\"") || !Kind(&x, &line->kind)) what = "a known kind";
  else if (!Clock(&x, before, line)) what = "the clocks";
  else if (!LITERAL(&x, ",\"level\":") || !Int(&x, &line->level) || line->level < 0) what = "level";
  else if ((what = Payload(&x, line))) { /* named by it */
  } else if (!LITERAL(&x, ",\"cost\":{\"s\":") || !Real(&x) || !LITERAL(&x, ",\"flops\":") || !Int(&x, &count) ||
             !LITERAL(&x, ",\"bytes\":") || !Int(&x, &count) || !LITERAL(&x, "}"))
    what = "cost";
  else if (!LITERAL(&x, ",\"risk\":") || !Real(&x)) what = "risk";
  else if (!LITERAL(&x, ",\"prev\":\"") || !Hash(&x, &line->prev)) what = "prev";
  else {
    line->hashed = (size_t)(x.s + 1 - text);
    if (!LITERAL(&x, "\",\"hash\":\"") || !Hash(&x, &line->hash)) what = "hash";
    else if (!LITERAL(&x, "\"}") || x.s != x.end) what = "the end of the record";
  }
  *column = (size_t)(x.s - text);
  return what;
}
