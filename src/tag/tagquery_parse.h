/*
 * tagquery_parse.h
 *	  What the two halves of the parser share: tokens and errors on one side,
 *	  leaves on the other.
 */
#ifndef PORTRAIT_TAGQUERY_PARSE_H
#define PORTRAIT_TAGQUERY_PARSE_H

#include "tag/tag_tree.h"
#include "tag/tagquery_lex.h"

typedef struct Parser
{
	Lexer		lexer;
	CoreError  *error;
	int			depth;			/* of parentheses */
} Parser;

/* ---- the token ---- */

static inline bool
parser_at_char(const Parser *p, char c)
{
	return p->lexer.kind == c;
}

static inline bool
parser_at(const Parser *p, const char *keyword)
{
	return lexer_is(&p->lexer, keyword);
}

/* No name, and no value without quotes: something in front of it is missing */
static inline bool
parser_at_operator(const Parser *p)
{
	return parser_at(p, "and") || parser_at(p, "or") || parser_at(p, "not");
}

/* ---- tagquery_parse.c ---- */

/* Fill in the error: what should stand where the token is.  Always false, or NULL. */
extern bool parser_expected(Parser *parser, const char *what);
extern TagTree *parser_no_tree(Parser *parser, const char *what);

/* Go on to the next token if it is this */
extern bool parser_take_char(Parser *parser, char c);
extern bool parser_take(Parser *parser, const char *keyword);

/* The same, and an error if it is not */
extern bool parser_want_char(Parser *parser, char c);

/* A whole number; a length of time.  False with the error filled in. */
extern bool parser_count(Parser *parser, uint32_t *count);
extern bool parser_length(Parser *parser, TagInterval *interval);

/* ---- tagquery_parse_leaf.c: NULL with the error filled in ---- */

/* A leaf that starts with a name; one that starts with a word before a parenthesis */
extern TagTree *parser_name_leaf(Parser *parser);
extern TagTree *parser_function_leaf(Parser *parser);

#endif							/* PORTRAIT_TAGQUERY_PARSE_H */
