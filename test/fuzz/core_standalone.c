/*
 * core_standalone.c
 *	  The answers to core.h where there is no server.
 *
 * As in a memory context, an error frees what was allocated since.  Each
 * allocation is a malloc() of just its size, so that the sanitizers see every
 * step past its ends.
 */
#include "core_standalone.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

/* No input of a test should need more; more is an error as in the server */
#define LARGEST_ALLOCATION ((size_t) 1 << 30)

typedef struct Handler
{
	jmp_buf		jump;
	CoreError  *error;
	size_t		n_allocated;	/* when it was set */
	struct Handler *outer;
} Handler;

static Handler *handler;

/* What is allocated, oldest first */
static void **allocated;
static size_t n_allocated;
static size_t allocated_size;

/* The place of a pointer; the youngest are looked at first */
static size_t
find(const void *pointer)
{
	size_t		i = n_allocated;

	while (i > 0)
	{
		if (allocated[--i] == pointer)
			return i;
	}
	fprintf(stderr, "%p was not given out by core_alloc()\n", pointer);
	abort();
}

static void
check_size(size_t size)
{
	if (size > LARGEST_ALLOCATION)
		core_throw(CORE_LIMIT, NULL, "requested size %zu is out of range", size);
}

static void *
checked(void *pointer)
{
	if (pointer == NULL)
	{
		fprintf(stderr, "out of memory\n");
		abort();
	}
	return pointer;
}

/* Free all but the oldest n */
static void
release(size_t n)
{
	while (n_allocated > n)
		free(allocated[--n_allocated]);
}

void *
core_alloc(size_t size)
{
	check_size(size);
	if (n_allocated == allocated_size)
	{
		allocated_size = allocated_size ? 2 * allocated_size : 64;
		allocated = checked(realloc(allocated, allocated_size * sizeof(void *)));
	}
	/* malloc(0) may be NULL */
	return allocated[n_allocated++] = checked(malloc(size ? size : 1));
}

void *
core_realloc(void *pointer, size_t size)
{
	size_t		i;

	if (pointer == NULL)
		return core_alloc(size);
	check_size(size);
	i = find(pointer);
	return allocated[i] = checked(realloc(pointer, size ? size : 1));
}

void
core_free(void *pointer)
{
	size_t		i;

	if (pointer == NULL)
		return;
	i = find(pointer);
	n_allocated--;
	memmove(allocated + i, allocated + i + 1, (n_allocated - i) * sizeof(void *));
	free(pointer);
}

void
core_interrupt(void)
{
}

/* Where the system ends the stack, the sanitizers tell */
void
core_check_stack(void)
{
}

/* Here all text is UTF-8 */
size_t
core_clip(const char *text, size_t length, size_t limit)
{
	if (length <= limit)
		return length;
	while (limit > 0 && ((unsigned char) text[limit] & 0xC0) == 0x80)
		limit--;
	return limit;
}

size_t
core_count_characters(const char *text, size_t length)
{
	size_t		n = 0;

	for (size_t i = 0; i < length; i++)
		n += ((unsigned char) text[i] & 0xC0) != 0x80;
	return n;
}

bool
core_is_utf8(void)
{
	return true;
}

void
core_throw(CoreErrorCode code, const char *hint, const char *format,...)
{
	CoreError	error = {.code = code};
	va_list		args;

	va_start(args, format);
	vsnprintf(error.message, sizeof(error.message), format, args);
	va_end(args);
	if (hint)
		core_set_hint(&error, "%s", hint);
	core_throw_error(&error);
}

void
core_throw_error(const CoreError *error)
{
	if (handler == NULL)
	{
		fprintf(stderr, "error outside of core_try(): %s\n", error->message);
		abort();
	}
	*handler->error = *error;
	longjmp(handler->jump, 1);
}

bool
core_try(void (*body) (void *), void *argument, CoreError *error)
{
	Handler		mine = {
		.error = error,
		.n_allocated = n_allocated,
		.outer = handler
	};
	bool		done = false;

	memset(error, 0, sizeof(*error));
	handler = &mine;
	if (setjmp(mine.jump) == 0)
	{
		body(argument);
		handler = mine.outer;
		done = true;
	}
	else
	{
		handler = mine.outer;
		release(mine.n_allocated);
	}
	return done;
}

void
core_release_all(void)
{
	release(0);
	free(allocated);
	allocated = NULL;
	allocated_size = 0;
}
