/*
 * tag_value.h
 *	  One value of a tag, as bytes that memcmp() puts into order.
 *
 * A value is a type and a payload.  Payloads of one type compare as their
 * values do, a shorter one before those that it begins:
 *
 *	TAG_BOOL	1 byte, 0 or 1
 *	TAG_NUMBER	8 bytes: the double's bits, all flipped when negative, else
 *				only the sign, most significant byte first; finite, never -0
 *	TAG_DATE	8 bytes: microseconds from 2000-01-01 00:00 to the day's start,
 *				sign flipped, most significant byte first
 *	TAG_TIME	8 bytes: microseconds from 2000-01-01 00:00 UTC, likewise
 *	TAG_TEXT	its bytes, at most TAG_TEXT_MAX
 *
 * A rule compares values of the same type only, save that a date and a time
 * are on one line: a date is the start of its day in UTC.  That is what
 * tag_value_class() says.
 */
#ifndef PORTRAIT_TAG_VALUE_H
#define PORTRAIT_TAG_VALUE_H

#include "common/text_out.h"

typedef enum TagType
{
	TAG_BOOL = 1,
	TAG_NUMBER,
	TAG_DATE,
	TAG_TIME,
	TAG_TEXT
} TagType;

#define TAG_TYPE_LAST	TAG_TEXT

/* Names and texts in bytes: what a row of a warehouse has, far below 1 GB */
#define TAG_NAME_MAX	1023
#define TAG_TEXT_MAX	65535

/* Dates and times from the year 1 to the year 9999, as ISO 8601 writes them */
#define TAG_MOMENT_MIN	INT64_C(-63082281600000000)
#define TAG_MOMENT_MAX	INT64_C(252455615999999999)
#define TAG_USECS_PER_DAY INT64_C(86400000000)

typedef struct TagValue
{
	TagType		type;
	uint32_t	length;
	const uint8_t *payload;
} TagValue;

/* Dates and times are of one class */
static inline TagType
tag_value_class(TagType type)
{
	return type == TAG_DATE ? TAG_TIME : type;
}

static inline uint64_t
tag_load_ordered(const uint8_t *payload)
{
	return __builtin_bswap64(load64(payload));
}

static inline void
tag_store_ordered(uint8_t *payload, uint64_t ordered)
{
	store64(payload, __builtin_bswap64(ordered));
}

/* Numbers in the order of their doubles */
static inline uint64_t
tag_order_number(double number)
{
	uint64_t	bits;

	number += 0.0;				/* no -0 */
	memcpy(&bits, &number, sizeof(bits));
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline double
tag_number_of(uint64_t ordered)
{
	uint64_t	bits = ordered >> 63 ? ordered & ~(UINT64_C(1) << 63) : ~ordered;
	double		number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

static inline uint64_t
tag_order_moment(int64_t usecs)
{
	return (uint64_t) usecs ^ UINT64_C(1) << 63;
}

static inline int64_t
tag_moment_of(uint64_t ordered)
{
	return (int64_t) (ordered ^ UINT64_C(1) << 63);
}

static inline int
tag_compare_bytes(const void *a, size_t a_length, const void *b, size_t b_length)
{
	int			order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* The order inside a value: by type, then by payload */
static inline int
tag_value_compare(const TagValue *a, const TagValue *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return tag_compare_bytes(a->payload, a->length, b->payload, b->length);
}

/*
 * A name's mark: 16 bits that tell most names apart.  A part of the layout of
 * both types.  FNV-1a, folded.
 */
static inline uint16_t
tag_mark(const char *name, size_t length)
{
	uint32_t	h = 2166136261u;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (uint8_t) name[i]) * 16777619u;
	return (uint16_t) (h ^ h >> 16);
}

/* ---- tag_value.c: literals ---- */

/* A byte of a bare word?  Letters, digits, all outside ASCII, and _ . - + : / */
extern bool tag_is_word_byte(unsigned char c);

/*
 * The value of a bare word: true, false, a number, a date, a time, else text.
 * The payload of a text is the word itself, others are put into "fixed".
 * False, with CORE_OUT_OF_RANGE, when it is a number that would not come back
 * as written, or a date or time that is out of range.
 */
extern bool tag_value_read(TagValue *value, uint8_t fixed[8], const char *word, size_t length,
						   CoreError *error);

/*
 * Is this a payload of the type, as told above: its length, a finite number, a
 * moment in range, a text without a byte of zero?
 */
extern bool tag_payload_check(TagType type, const uint8_t *payload, size_t length);

/* Written so that it is read back; texts in quotes only where needed */
extern void tag_value_print(TextOut *out, const TagValue *value);

/* A name: bare when it is a word, else in quotes */
extern void tag_name_print(TextOut *out, const char *name, size_t length);

/* In quotes, whatever it is: backslashes before quotes and backslashes */
extern void tag_quote_print(TextOut *out, const char *text, size_t length);

/* A time as tag_value_print() writes one */
extern void tag_moment_print(TextOut *out, int64_t usecs, bool plain_date);

#endif							/* PORTRAIT_TAG_VALUE_H */
