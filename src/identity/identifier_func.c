/*
 * identifier_func.c
 *	  Identifiers in SQL: made canonical, and taken apart.
 */
#include "common/compat.h"

#include "common/unicode_norm.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "identity/identifier.h"

static IdentifierPart
text_part(text *value)
{
	return (IdentifierPart){
		VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)
	};
}

static bool
is_ascii(IdentifierPart part)
{
	for (size_t i = 0; i < part.length; i++)
	{
		if (IS_HIGHBIT_SET(part.bytes[i]))
			return false;
	}
	return true;
}

/*
 * The value in Unicode's form NFKC.  The server can do that in UTF-8 only;
 * elsewhere, and if there is nothing to do, it is given back as it is.
 */
static IdentifierPart
to_nfkc(IdentifierPart value)
{
	pg_wchar   *input;
	pg_wchar   *output;
	unsigned char *bytes;
	Size		length = 0;
	int			n;

	if (GetDatabaseEncoding() != PG_UTF8 || is_ascii(value))
		return value;
	input = palloc((value.length + 1) * sizeof(pg_wchar));
	n = pg_mb2wchar_with_len(value.bytes, input, (int) value.length);
	input[n] = 0;
	output = unicode_normalize(UNICODE_NFKC, input);
	for (n = 0; output[n] != 0; n++)
		;
	bytes = palloc((Size) n * 4 + 1);
	for (n = 0; output[n] != 0; n++)
	{
		unicode_to_utf8(output[n], bytes + length);
		length += pg_utf_mblen(bytes + length);
	}
	return (IdentifierPart){
		(char *) bytes, length
	};
}

/* Problem of a value; its canonical form goes to *out, which is allocated */
static IdentifierProblem
normalize(IdentifierPart type, IdentifierPart value, IdentifierPart *out)
{
	char	   *bytes;

	value = to_nfkc(value);
	bytes = palloc(value.length + IDENTIFIER_ROOM);
	out->bytes = bytes;
	return identifier_normalize(type, value, GetDatabaseEncoding() == PG_UTF8,
								bytes, &out->length);
}

/* Errors: 22023 for a type or scope that is empty or has : or @, or a missing scope */
PORTRAIT_FUNCTION(portrait_identifier);
Datum
portrait_identifier(PG_FUNCTION_ARGS)
{
	IdentifierPart type;
	IdentifierPart scope = {NULL, 0};
	IdentifierPart value;
	text	   *result;
	char	   *p;
	Size		size;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	type = text_part(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(2))
		scope = text_part(PG_GETARG_TEXT_PP(2));
	identifier_check_head(type, PG_ARGISNULL(2) ? NULL : &scope);
	if (PG_ARGISNULL(1) ||
		normalize(type, text_part(PG_GETARG_TEXT_PP(1)), &value) != IDENTIFIER_GOOD)
		PG_RETURN_NULL();

	size = VARHDRSZ + type.length + 1 + scope.length + 1 + value.length;
	result = palloc(size);
	p = VARDATA(result);
	memcpy(p, type.bytes, type.length);
	p += type.length;
	if (scope.bytes != NULL)
	{
		*p++ = '@';
		memcpy(p, scope.bytes, scope.length);
		p += scope.length;
	}
	*p++ = ':';
	memcpy(p, value.bytes, value.length);
	SET_VARSIZE(result, p + value.length - (char *) result);
	PG_RETURN_TEXT_P(result);
}

PORTRAIT_FUNCTION(portrait_identifier_problem);
Datum
portrait_identifier_problem(PG_FUNCTION_ARGS)
{
	IdentifierPart value;
	IdentifierProblem problem = normalize(text_part(PG_GETARG_TEXT_PP(0)),
										  text_part(PG_GETARG_TEXT_PP(1)), &value);

	if (problem == IDENTIFIER_GOOD)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(identifier_problem_name(problem)));
}

/* ---- parts ---- */

static Datum
part_or_null(FunctionCallInfo fcinfo, int which)
{
	IdentifierPart whole = text_part(PG_GETARG_TEXT_PP(0));
	IdentifierPart parts[3];

	if (!identifier_split(whole.bytes, whole.length, &parts[0], &parts[1], &parts[2]) ||
		parts[which].bytes == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(parts[which].bytes, (int) parts[which].length));
}

PORTRAIT_FUNCTION(portrait_identifier_type);
Datum
portrait_identifier_type(PG_FUNCTION_ARGS)
{
	return part_or_null(fcinfo, 0);
}

PORTRAIT_FUNCTION(portrait_identifier_scope);
Datum
portrait_identifier_scope(PG_FUNCTION_ARGS)
{
	return part_or_null(fcinfo, 1);
}

PORTRAIT_FUNCTION(portrait_identifier_value);
Datum
portrait_identifier_value(PG_FUNCTION_ARGS)
{
	return part_or_null(fcinfo, 2);
}
