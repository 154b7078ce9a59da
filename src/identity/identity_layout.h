/*
 * identity_layout.h
 *	  Small parts of the layout, shared by those who read and write it.
 */
#ifndef PORTRAIT_IDENTITY_LAYOUT_H
#define PORTRAIT_IDENTITY_LAYOUT_H

#include "identity/identity.h"

/* Most bytes of a length: 5 times 7 bits hold 32 */
#define IDENTITY_LENGTH_BYTES 5

static inline uint32_t
identity_blocks(uint32_t n)
{
	return n / IDENTITY_BLOCK + (n % IDENTITY_BLOCK != 0);
}

static inline size_t
identity_numbers_size(uint32_t n, uint32_t width)
{
	return (size_t) (((uint64_t) n * width + 7) / 8);
}

/* width bits from a bit of the first byte on; "left" bytes may be read */
static inline uint32_t
identity_unpack(const uint8_t *p, size_t left, uint32_t bit, uint32_t width)
{
	uint64_t	word = 0;

	if (width == 0)
		return 0;
	if (left >= 8)
		word = load64(p);
	else
		memcpy(&word, p, left);
	return (uint32_t) ((word >> bit) & ((UINT64_C(1) << width) - 1));
}

/*
 * Read a length, not past the limit.  NULL when it is cut off, above 32 bits
 * or longer than it needs to be.
 */
static inline const uint8_t *
identity_read_length(const uint8_t *p, const uint8_t *limit, size_t *length)
{
	uint64_t	value = 0;

	for (int shift = 0; shift < 7 * IDENTITY_LENGTH_BYTES; shift += 7)
	{
		uint8_t		byte;

		if (p == limit)
			return NULL;
		byte = *p++;
		value |= (uint64_t) (byte & 0x7F) << shift;
		if (byte < 0x80)
		{
			if ((byte == 0 && shift > 0) || value > UINT32_MAX)
				return NULL;
			*length = (size_t) value;
			return p;
		}
	}
	return NULL;
}

static inline uint8_t *
identity_write_length(uint8_t *p, size_t length)
{
	while (length >= 0x80)
	{
		*p++ = (uint8_t) (length | 0x80);
		length >>= 7;
	}
	*p++ = (uint8_t) length;
	return p;
}

/*
 * Read how many bytes an identifier shares with the one before and how many
 * follow.  Returns where these are, or NULL; whether so many are there is for
 * the caller to look at.
 */
static inline const uint8_t *
identity_read_entry(const uint8_t *p, const uint8_t *limit, uint8_t kind, bool first,
					size_t *shared, size_t *rest)
{
	*shared = 0;
	if (kind == IDENTITY_BIGINT)
	{
		if (!first)
		{
			if (p == limit || *p >= IDENTITY_NUMBER_SIZE)
				return NULL;
			*shared = *p++;
		}
		*rest = IDENTITY_NUMBER_SIZE - *shared;
		return p;
	}
	if (!first && (p = identity_read_length(p, limit, shared)) == NULL)
		return NULL;
	return identity_read_length(p, limit, rest);
}

/* Bytes that two byte strings share at their starts */
static inline size_t
identity_shared(const uint8_t *a, size_t na, const uint8_t *b, size_t nb)
{
	size_t		n = na < nb ? na : nb;
	size_t		i = 0;

	for (; i + 8 <= n; i += 8)
	{
		uint64_t	difference = load64(a + i) ^ load64(b + i);

		if (difference != 0)
			return i + (size_t) __builtin_ctzll(difference) / 8;
	}
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

#endif							/* PORTRAIT_IDENTITY_LAYOUT_H */
