/*
 * varint.h
 *	  Whole numbers in LEB128: 7 bits a byte, lowest first.
 */
#ifndef PORTRAIT_VARINT_H
#define PORTRAIT_VARINT_H

#include "common/core.h"

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

#endif							/* PORTRAIT_VARINT_H */
