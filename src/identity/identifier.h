/*
 * identifier.h
 *	  Canonical identifiers: type:value, or type@scope:value.
 *
 * Type and scope have neither ":" nor "@", the value may have anything.
 */
#ifndef PORTRAIT_IDENTIFIER_H
#define PORTRAIT_IDENTIFIER_H

#include "common/core.h"

typedef struct IdentifierPart
{
	const char *bytes;
	size_t		length;
} IdentifierPart;

typedef enum IdentifierProblem
{
	IDENTIFIER_GOOD,
	IDENTIFIER_NOTHING,			/* "empty" */
	IDENTIFIER_PLACEHOLDER,		/* "placeholder": written where a value is missing */
	IDENTIFIER_MASKED,			/* "masked": parts are hidden, or it stands for another */
	IDENTIFIER_MALFORMED		/* "malformed" */
} IdentifierProblem;

/* ---- identifier.c ---- */

/* Take an identifier apart; false if it has no ":" or no type.  Without a scope its bytes are NULL. */
extern bool identifier_split(const char *text, size_t length, IdentifierPart *type,
							 IdentifierPart *scope, IdentifierPart *value);

/*
 * Throw CORE_BAD_PARAMETER unless these can be a type and a scope (NULL: none),
 * and the scope is there if the type needs one.
 */
extern void identifier_check_head(IdentifierPart type, const IdentifierPart *scope);

/* NULL for IDENTIFIER_GOOD */
extern const char *identifier_problem_name(IdentifierProblem problem);

/* ---- identifier_rules.c ---- */

/*
 * Bring a value, in NFKC if it can be, into the canonical form of its type.
 * The result is in "out", which has room for length + IDENTIFIER_ROOM bytes, and
 * *out_length.  utf8: are the bytes UTF-8?
 */
#define IDENTIFIER_ROOM 4

extern IdentifierProblem identifier_normalize(IdentifierPart type, IdentifierPart value,
											  bool utf8, char *out, size_t *out_length);

#endif							/* PORTRAIT_IDENTIFIER_H */
