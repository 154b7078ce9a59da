/*
 * base64.h
 *	  Base64 (RFC 4648, section 4) of a value's bytes.
 */
#ifndef PORTRAIT_BASE64_H
#define PORTRAIT_BASE64_H

#include "common/core.h"

/* Characters that stand for n bytes */
static inline size_t
core_base64_length(size_t n)
{
	return (n + 2) / 3 * 4;
}

/* Most bytes that n characters can stand for */
static inline size_t
core_base64_size(size_t n)
{
	return n / 4 * 3;
}

/* Writes core_base64_length(n) characters, without a NUL */
extern void core_base64_encode(const uint8_t *bytes, size_t n, char *out);

/*
 * Writes up to core_base64_size(n) bytes, *size tells how many.  Accepts
 * only what the encoder writes; for all else tells what was expected, and
 * *where.  NULL is success.
 */
extern const char *core_base64_decode(const char *text, size_t n, uint8_t *out,
										 size_t *size, size_t *where);

#endif							/* PORTRAIT_BASE64_H */
