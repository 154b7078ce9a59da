/*
 * value_text.h
 *	  The text of this module's types: JSON objects with keys in a fixed order.
 *
 * Reading: a TextIn walks over the text; every function skips white space
 * first, and the first one that fails fills in the error and makes all later
 * ones fail, so that callers may check once at the end.
 */
#ifndef PORTRAIT_VALUE_TEXT_H
#define PORTRAIT_VALUE_TEXT_H

#include "common/core.h"

typedef struct TextIn
{
	const char *start;
	const char *p;
	const char *type;			/* for messages */
	CoreError  *error;
	bool		failed;
} TextIn;

extern void text_in_start(TextIn *in, const char *text, const char *type, CoreError *error);
/* Tell that something else was expected at the place reached; returns false */
extern bool text_in_fail(TextIn *in, const char *expected);
/* Tell that all can be read, but makes no sense; returns false */
extern bool text_in_wrong(TextIn *in, const char *problem);
extern void text_in_space(TextIn *in);
extern bool text_in_char(TextIn *in, char c);
/* Is the next character this one?  Takes it if it is. */
extern bool text_in_maybe(TextIn *in, char c);
/* "key": with the comma before it, unless the key is the object's first */
extern bool text_in_key(TextIn *in, const char *key, bool first);
extern bool text_in_int(TextIn *in, int64_t lo, int64_t hi, int64_t *value);
extern bool text_in_double(TextIn *in, double *value);
extern bool text_in_bool(TextIn *in, bool *value);
/* A string of up to max bytes; the escapes are \" \\ and \u00XX */
extern bool text_in_string(TextIn *in, char *value, size_t max, size_t *length);
/* One of n names, in quotes */
extern bool text_in_name(TextIn *in, const char *const *names, int n, int *value);
extern bool text_in_end(TextIn *in);

typedef struct TextOut
{
	char	   *text;			/* NUL-terminated, by core_alloc */
	size_t		length;
	size_t		room;
} TextOut;

extern void text_out_start(TextOut *out);
extern void text_out(TextOut *out, const char *format,...) CORE_PRINTF(2, 3);
/* The shortest digits that are read back as the same double */
extern void text_out_double(TextOut *out, double value);
extern void text_out_string(TextOut *out, const char *value, size_t length);

/* Bytes of a number in LEB128, and writing it; 7 bits a byte, lowest first */
static inline uint8_t *
varint_put(uint8_t *p, uint64_t n)
{
	while (n >= 0x80)
	{
		*p++ = (uint8_t) (n | 0x80);
		n >>= 7;
	}
	*p++ = (uint8_t) n;
	return p;
}

/*
 * Read one number before end.  NULL when it does not end there, or is not
 * the shortest form of a number below 2^63.
 */
static inline const uint8_t *
varint_get(const uint8_t *p, const uint8_t *end, uint64_t *n)
{
	uint64_t	value = 0;

	for (int shift = 0; p < end && shift < 63; shift += 7)
	{
		uint8_t		byte = *p++;

		value |= (uint64_t) (byte & 0x7F) << shift;
		if (byte < 0x80)
		{
			*n = value;
			return byte == 0 && shift > 0 ? NULL : p;
		}
	}
	return NULL;
}

#endif							/* PORTRAIT_VALUE_TEXT_H */
