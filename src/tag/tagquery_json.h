/*
 * tagquery_json.h
 *	  Rules in the JSON of react-querybuilder: the names of operators, and
 *	  writing.  Reading is in tagquery_jsonb.c.
 *
 * A rule is an object with "field", "operator" and "value", a group one with
 * "combinator", "not" and "rules"; the README of the project tells it all.
 * What is asked not of a value but of its weight or the like has that word and a
 * blank before the operator: "weight >=", "anniversary withinNext", "age <".
 */
#ifndef PORTRAIT_TAGQUERY_JSON_H
#define PORTRAIT_TAGQUERY_JSON_H

#include "tag/tagquery.h"

/* What the value of an operator is */
typedef enum TagJsonForm
{
	TAG_JSON_COMPARE,			/* one; or, by "valueSource", another field */
	TAG_JSON_BETWEEN,			/* two */
	TAG_JSON_LIST,				/* any number */
	TAG_JSON_TEXT,				/* a text */
	TAG_JSON_NOTHING,
	TAG_JSON_WINDOW,			/* a length of time */
	TAG_JSON_SEGMENT,			/* the name of a segment; the field doesn't count */
	TAG_JSON_EVENT				/* the name of an event, likewise */
} TagJsonForm;

typedef struct TagJsonOperator
{
	const char *name;
	TagJsonForm form;
	int			what;			/* TagComparison, TagNodeKind or TagWindowKind by the form */
	bool		negated;
} TagJsonOperator;

/* The operator of this name, or NULL */
extern const TagJsonOperator *tag_json_operator(const char *name, size_t length);

/* The words before operators, by TagSource; "" for values themselves */
extern const char *const tag_json_subjects[TAG_SOURCE_LAST + 1];

#define TAG_JSON_AGE "age"

/* How did() counts and when, as keys beside the value */
extern const char *const tag_json_counts[TAG_COMPARISON_LAST + 1];
extern const char *const tag_json_windows[TAG_WINDOW_LAST + 1];

/* The JSON of a rule */
extern void tagquery_json_print(TextOut *out, const TagqueryView *rule);

#endif							/* PORTRAIT_TAGQUERY_JSON_H */
