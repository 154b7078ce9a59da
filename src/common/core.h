/*
 * core.h
 *	  What the plain-C core asks of whoever runs it.
 *
 * Core files (algorithms on plain memory) include this header and no backend
 * header, so that the same objects run inside a server, under the sanitizers
 * and under a fuzzer.  The server's answers are in core_backend.c, those of
 * the standalone harness in test/fuzz/core_standalone.c.
 */
#ifndef PORTRAIT_CORE_H
#define PORTRAIT_CORE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "portrait stores little-endian values and is built for little-endian machines only"
#endif

/* Each code stands for one SQLSTATE, see core_backend.c */
typedef enum CoreErrorCode
{
	CORE_OK = 0,
	CORE_BAD_TEXT,				/* 22P02 */
	CORE_BAD_BINARY,			/* 22P03 */
	CORE_OUT_OF_RANGE,			/* 22003 */
	CORE_BAD_PARAMETER,			/* 22023 */
	CORE_LIMIT,					/* 54000 */
	CORE_MEMORY,				/* 53200: past what a setting allows */
	CORE_CORRUPT				/* XX001: stored bytes that we never wrote */
} CoreErrorCode;

/* An error told by value, for input functions that must not throw */
typedef struct CoreError
{
	CoreErrorCode code;
	char		message[192];	/* primary message, without a period */
	char		detail[192];	/* a sentence, or empty */
	char		hint[192];		/* a sentence, or empty */
} CoreError;

#define CORE_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Memory: never NULL; any size below the limits of the host.  Does not return when there is none. */
extern void *core_alloc(size_t size);
extern void *core_realloc(void *pointer, size_t size);
extern void core_free(void *pointer);

/* Called at least once per few hundred microseconds of work; may not return */
extern void core_interrupt(void);

/* Called by recursive functions; throws when there is no stack left for another call */
extern void core_check_stack(void);

/*
 * Of a text in the host's encoding, the bytes that a message can show: at most
 * limit, whole characters
 */
extern size_t core_clip(const char *text, size_t length, size_t limit);

/* How many characters are there?  Is the encoding UTF-8? */
extern size_t core_count_characters(const char *text, size_t length);
extern bool core_is_utf8(void);

/* Throw.  The hint may be NULL. */
extern void core_throw(CoreErrorCode code, const char *hint,
					   const char *format,...)
			__attribute__((noreturn, cold)) CORE_PRINTF(3, 4);

/* Throw what was told by value, with its detail and hint */
extern void core_throw_error(const CoreError *error) __attribute__((noreturn, cold));

/* Fill in an error told by value; always returns false */
extern bool core_set_error(CoreError *error, CoreErrorCode code,
						   const char *format,...) CORE_PRINTF(3, 4);
extern void core_set_detail(CoreError *error, const char *format,...) CORE_PRINTF(2, 3);
extern void core_set_hint(CoreError *error, const char *format,...) CORE_PRINTF(2, 3);

/* memcpy of what may take long */
static inline void
core_copy(void *to, const void *from, size_t size)
{
	const size_t piece = (size_t) 1024 * 1024;

	for (; size > piece; size -= piece)
	{
		memcpy(to, from, piece);
		to = (char *) to + piece;
		from = (const char *) from + piece;
		core_interrupt();
	}
	memcpy(to, from, size);
}

/* Sizes: the sum or product, or a thrown CORE_LIMIT */
static inline size_t
core_add_size(size_t a, size_t b)
{
	size_t		r;

	if (__builtin_add_overflow(a, b, &r))
		core_throw(CORE_LIMIT, NULL, "requested size is out of range");
	return r;
}

static inline size_t
core_mul_size(size_t a, size_t b)
{
	size_t		r;

	if (__builtin_mul_overflow(a, b, &r))
		core_throw(CORE_LIMIT, NULL, "requested size is out of range");
	return r;
}

/* Unaligned little-endian access */
static inline uint16_t
load16(const void *p)
{
	uint16_t	v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t
load32(const void *p)
{
	uint32_t	v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t
load64(const void *p)
{
	uint64_t	v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void
store16(void *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline void
store32(void *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline void
store64(void *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

#endif							/* PORTRAIT_CORE_H */
