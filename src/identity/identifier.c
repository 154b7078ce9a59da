/*
 * identifier.c
 *	  The parts of an identifier.
 */
#include "identity/identifier.h"

/* Of a type or scope, in messages */
#define EXCERPT_LENGTH 60

bool
identifier_split(const char *text, size_t length, IdentifierPart *type,
				 IdentifierPart *scope, IdentifierPart *value)
{
	const char *colon = memchr(text, ':', length);
	const char *at;

	if (colon == NULL)
		return false;
	at = memchr(text, '@', (size_t) (colon - text));
	*type = (IdentifierPart){text, (size_t) ((at != NULL ? at : colon) - text)};
	*scope = (IdentifierPart){NULL, 0};
	if (at != NULL)
		*scope = (IdentifierPart){at + 1, (size_t) (colon - at - 1)};
	*value = (IdentifierPart){colon + 1, length - (size_t) (colon - text) - 1};
	return type->length > 0;
}

static int
excerpt_length(IdentifierPart part)
{
	size_t		n = EXCERPT_LENGTH;

	if (part.length <= n)
		return (int) part.length;
	while (n > 0 && ((unsigned char) part.bytes[n] & 0xC0) == 0x80)
		n--;
	return (int) n;
}

static void
check_part(IdentifierPart part, const char *what)
{
	if (part.length == 0)
		core_throw(CORE_BAD_PARAMETER, NULL, "%s of an identifier must not be empty", what);
	if (memchr(part.bytes, ':', part.length) != NULL ||
		memchr(part.bytes, '@', part.length) != NULL)
		core_throw(CORE_BAD_PARAMETER,
				   "Only the value may have them.",
				   "%s \"%.*s%s\" of an identifier must have neither \":\" nor \"@\"",
				   what, excerpt_length(part), part.bytes,
				   part.length > EXCERPT_LENGTH ? "..." : "");
}

/* Types whose values mean nothing alone: every system counts its own */
static bool
needs_scope(IdentifierPart type)
{
	static const char *const scoped[] = {"openid", "account", "cookie"};

	for (size_t i = 0; i < sizeof(scoped) / sizeof(scoped[0]); i++)
	{
		if (type.length == strlen(scoped[i]) && memcmp(type.bytes, scoped[i], type.length) == 0)
			return true;
	}
	return false;
}

void
identifier_check_head(IdentifierPart type, const IdentifierPart *scope)
{
	check_part(type, "type");
	if (scope != NULL)
		check_part(*scope, "scope");
	else if (needs_scope(type))
		core_throw(CORE_BAD_PARAMETER,
				   "Name the app, shop or site that gives it out as scope, for example scope => 'wx8f2a'.",
				   "identifier of type %.*s means nothing without a scope",
				   (int) type.length, type.bytes);
}

const char *
identifier_problem_name(IdentifierProblem problem)
{
	switch (problem)
	{
		case IDENTIFIER_GOOD:
			break;
		case IDENTIFIER_NOTHING:
			return "empty";
		case IDENTIFIER_PLACEHOLDER:
			return "placeholder";
		case IDENTIFIER_MASKED:
			return "masked";
		case IDENTIFIER_MALFORMED:
			return "malformed";
	}
	return NULL;
}
