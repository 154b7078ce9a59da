/*
 * tagquery_lex.h
 *	  The text of a rule in tokens, one at a time.
 */
#ifndef PORTRAIT_TAGQUERY_LEX_H
#define PORTRAIT_TAGQUERY_LEX_H

#include "tag/tagquery.h"

/* Besides these, the characters ( ) , & | ! stand for themselves */
typedef enum TokenKind
{
	TOKEN_END = 0,
	TOKEN_WORD = 256,
	TOKEN_STRING,
	TOKEN_COMPARE,
	TOKEN_BAD					/* starts no token: see lexer_hint() */
} TokenKind;

typedef struct Lexer
{
	const char *text;
	const char *end;
	const char *p;				/* behind the token */

	/* the token */
	int			kind;
	const char *start;
	const char *bytes;			/* of a word or string: in the text, or by core_alloc() */
	size_t		length;
	bool		below;			/* a word or string followed by .* */
	TagComparison comparison;
	const char *problem;		/* TOKEN_BAD: a string, and what was expected at p */
} Lexer;

extern void lexer_start(Lexer *lexer, const char *text, size_t length);
extern void lexer_next(Lexer *lexer);

/* Is the token this word, in any case?  Keywords are given in lower case. */
extern bool lexer_is(const Lexer *lexer, const char *keyword);

/* Is the next thing behind the token an opening parenthesis? */
extern bool lexer_before_paren(const Lexer *lexer);

/* What people mean who write what the token is; NULL if nobody knows */
extern const char *lexer_hint(const Lexer *lexer);

/*
 * A word that is printed in quotes: in some place where a name or a value
 * stands it would be read as something else
 */
extern bool tagquery_is_reserved(const char *word, size_t length);

#endif							/* PORTRAIT_TAGQUERY_LEX_H */
