/*
 * text_out.h
 *	  Text that grows as it is written.
 */
#ifndef PORTRAIT_TEXT_OUT_H
#define PORTRAIT_TEXT_OUT_H

#include "common/core.h"

typedef struct TextOut
{
	char	   *text;			/* NUL-terminated, by core_alloc */
	size_t		length;
	size_t		room;
} TextOut;

extern void text_out_start(TextOut *out);
extern void text_out_bytes(TextOut *out, const char *bytes, size_t length);
extern void text_out(TextOut *out, const char *format,...) CORE_PRINTF(2, 3);
/* The shortest digits that are read back as the same double */
extern void text_out_double(TextOut *out, double value);
/* A JSON string, control characters as \u00XX */
extern void text_out_string(TextOut *out, const char *value, size_t length);

#endif							/* PORTRAIT_TEXT_OUT_H */
