/*
 * core_backend.c
 *	  The server's answers to what the plain-C core asks for (core.h).
 *
 * Memory comes from the current memory context, so that an error frees it.
 */
#include "common/compat.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "common/core_backend.h"

/* Longer messages are cut; the core quotes at most 100 bytes of its input */
#define MESSAGE_SIZE 512

/* The SQLSTATE that an error of the core stands for */
static int
core_sqlstate(CoreErrorCode code)
{
	switch (code)
	{
		case CORE_BAD_TEXT:
			return ERRCODE_INVALID_TEXT_REPRESENTATION;
		case CORE_BAD_BINARY:
			return ERRCODE_INVALID_BINARY_REPRESENTATION;
		case CORE_OUT_OF_RANGE:
			return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
		case CORE_BAD_PARAMETER:
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case CORE_LIMIT:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
		case CORE_MEMORY:
			return ERRCODE_OUT_OF_MEMORY;
		case CORE_CORRUPT:
			return ERRCODE_DATA_CORRUPTED;
		case CORE_OK:
			break;
	}
	return ERRCODE_INTERNAL_ERROR;
}

void *
core_alloc(size_t size)
{
	return MemoryContextAllocHuge(CurrentMemoryContext, size);
}

void *
core_realloc(void *pointer, size_t size)
{
	return pointer ? repalloc_huge(pointer, size) : core_alloc(size);
}

void
core_free(void *pointer)
{
	if (pointer)
		pfree(pointer);
}

void
core_interrupt(void)
{
	CHECK_FOR_INTERRUPTS();
}

void
core_check_stack(void)
{
	check_stack_depth();
}

size_t
core_clip(const char *text, size_t length, size_t limit)
{
	if (length <= limit)
		return length;
	return (size_t) pg_mbcliplen(text, (int) length, (int) limit);
}

size_t
core_count_characters(const char *text, size_t length)
{
	return (size_t) pg_mbstrlen_with_len(text, (int) length);
}

bool
core_is_utf8(void)
{
	return GetDatabaseEncoding() == PG_UTF8;
}

void
core_throw(CoreErrorCode code, const char *hint, const char *format,...)
{
	char		message[MESSAGE_SIZE];
	va_list		args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);

	ereport(ERROR,
			(errcode(core_sqlstate(code)),
			 errmsg_internal("%s", message),
			 hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}

void
core_throw_error(const CoreError *error)
{
	core_report(error, NULL);
	pg_unreachable();
}

void
core_report(const CoreError *error, Node *escontext)
{
	errsave(escontext,
			(errcode(core_sqlstate(error->code)),
			 errmsg_internal("%s", error->message),
			 error->detail[0] ? errdetail_internal("%s", error->detail) : 0,
			 error->hint[0] ? errhint("%s", error->hint) : 0));
}
