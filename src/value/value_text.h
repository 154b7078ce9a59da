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

#include "common/text_out.h"
#include "common/varint.h"

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

#endif							/* PORTRAIT_VALUE_TEXT_H */
