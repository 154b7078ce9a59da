/*
 * tagset_gin.c
 *	  GIN operator class tagset_ops: of many tagsets those that match a rule, or
 *	  have all or any of the tags of another one.
 *
 * The index stores the images of all keys of a tagset (tag_keys.h).  A search
 * runs the rule over them in three truth values (tag_program.h), so that the
 * server knows early which rows it need not look for, and rows are looked at
 * again only where keys don't say all.
 */
#include "common/compat.h"

#include "access/gin.h"
#include "access/stratnum.h"

#include "tag/tag_fmgr.h"
#include "tag/tag_keys.h"
#include "tag/tag_program.h"

StaticAssertDecl(TAG_NO == GIN_FALSE && TAG_YES == GIN_TRUE && TAG_MAYBE == GIN_MAYBE,
				 "the truth values of programs must be those of GIN");
StaticAssertDecl(TAG_KEY_IMAGE_MAX <= VARATT_SHORT_MAX - VARHDRSZ_SHORT,
				 "images of keys must fit short length words");

/* Keys of an index are too short to be packed, or stored elsewhere */
static inline const bytea *
open_key(Datum key)
{
	const bytea *bytes = (const bytea *) DatumGetPointer(key);

	return VARATT_IS_SHORT(bytes) && !VARATT_IS_EXTERNAL(bytes) ? bytes
		: DatumGetByteaPP(key);
}

PORTRAIT_FUNCTION(portrait_tagset_gin_compare);
Datum
portrait_tagset_gin_compare(PG_FUNCTION_ARGS)
{
	const bytea *a = open_key(PG_GETARG_DATUM(0));
	const bytea *b = open_key(PG_GETARG_DATUM(1));

	PG_RETURN_INT32(tag_image_compare((const uint8_t *) VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a),
									  (const uint8_t *) VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b)));
}

/* ---- rows to keys ---- */

#define CHUNK_SIZE 4096

/* Datums of a row's keys; their bytes are in chunks that stay where they are */
typedef struct KeyDatums
{
	Datum	   *datums;
	int			n;
	int			room;
	char	   *chunk;
	size_t		left;
} KeyDatums;

static void
add_image(KeyDatums *keys, const uint8_t *image, size_t size)
{
	if (keys->n == keys->room)
	{
		keys->room *= 2;
		keys->datums = core_realloc(keys->datums, core_mul_size(keys->room, sizeof(Datum)));
	}
	if (keys->left < size + VARHDRSZ_SHORT)
	{
		keys->chunk = palloc(CHUNK_SIZE);
		keys->left = CHUNK_SIZE;
	}
	SET_VARSIZE_SHORT(keys->chunk, size + VARHDRSZ_SHORT);
	memcpy(keys->chunk + VARHDRSZ_SHORT, image, size);
	keys->datums[keys->n++] = PointerGetDatum(keys->chunk);
	keys->chunk += size + VARHDRSZ_SHORT;
	keys->left -= size + VARHDRSZ_SHORT;
}

static void
add_key(void *context, const TagKey *key)
{
	uint8_t		image[TAG_KEY_IMAGE_MAX];
	size_t		size;

	tag_key_image(key, image, &size);
	add_image(context, image, size);
}

static void
start_datums(KeyDatums *keys, size_t room)
{
	memset(keys, 0, sizeof(*keys));
	keys->room = (int) Max(room, 8);
	keys->datums = core_alloc(core_mul_size(keys->room, sizeof(Datum)));
}

PORTRAIT_FUNCTION(portrait_tagset_gin_extract_value);
Datum
portrait_tagset_gin_extract_value(PG_FUNCTION_ARGS)
{
	Datum		datum = PG_GETARG_DATUM(0);
	int32	   *nkeys = (int32 *) PG_GETARG_POINTER(1);
	TagsetView	tags;
	struct varlena *value = tagset_open_datum(&tags, datum);
	KeyDatums	keys;

	start_datums(&keys, tags.n);
	tag_keys_visit(&tags, add_key, &keys);
	tag_close(value, datum);
	*nkeys = keys.n;
	PG_RETURN_POINTER(keys.datums);
}

/* ---- searches ---- */

/* Strategies */
#define MATCHES		1			/* tagset @@ tagquery */
#define CONTAINS	2			/* tagset @> tagset */
#define OVERLAPS	3			/* tagset && tagset */

/*
 * Where the whole index is read, each key is asked about each row; with more
 * than these, looking at the rows is cheaper.
 */
#define ALL_MAX_KEYS 64

static TagProgram *
make_program(Datum query, StrategyNumber strategy)
{
	TagqueryView rule;
	TagsetView	tags;

	if (strategy == MATCHES)
	{
		tagquery_open_datum(&rule, query);
		return tag_program_make(&rule);
	}
	tagset_open_datum(&tags, query);
	return tag_program_of_tagset(&tags, strategy == CONTAINS);
}

/*
 * Rows that have none of the keys match, or may match, if the program without
 * any key says so; then the whole index has to be read.
 */
PORTRAIT_FUNCTION(portrait_tagset_gin_extract_query);
Datum
portrait_tagset_gin_extract_query(PG_FUNCTION_ARGS)
{
	int32	   *nkeys = (int32 *) PG_GETARG_POINTER(1);
	Pointer   **extra = (Pointer **) PG_GETARG_POINTER(4);
	int32	   *search_mode = (int32 *) PG_GETARG_POINTER(6);
	TagProgram *program = make_program(PG_GETARG_DATUM(0), PG_GETARG_UINT16(2));
	const TagProgramKey *images;
	uint32_t	n;
	KeyDatums	keys;

	images = tag_program_keys(program, &n);
	if (tag_program_run(program, palloc0(Max(n, 1))) != TAG_NO)
	{
		*search_mode = GIN_SEARCH_MODE_ALL;
		if (n > ALL_MAX_KEYS)
		{
			program = tag_program_of_nothing();
			n = 0;
		}
	}
	start_datums(&keys, n);
	for (uint32_t i = 0; i < n; i++)
		add_image(&keys, images[i].image, images[i].size);

	/* the program is every key's, and the first one's where there is none */
	*extra = palloc(Max(n, 1) * sizeof(Pointer));
	for (uint32_t i = 0; i < Max(n, 1); i++)
		(*extra)[i] = (Pointer) program;
	*nkeys = (int32) n;
	PG_RETURN_POINTER(keys.datums);
}

PORTRAIT_FUNCTION(portrait_tagset_gin_consistent);
Datum
portrait_tagset_gin_consistent(PG_FUNCTION_ARGS)
{
	const char *check = (const char *) PG_GETARG_POINTER(0);
	Pointer    *extra = (Pointer *) PG_GETARG_POINTER(4);
	bool	   *recheck = (bool *) PG_GETARG_POINTER(5);
	TagTruth	truth = tag_program_run((const TagProgram *) extra[0], check);

	*recheck = truth == TAG_MAYBE;
	PG_RETURN_BOOL(truth != TAG_NO);
}

PORTRAIT_FUNCTION(portrait_tagset_gin_tri_consistent);
Datum
portrait_tagset_gin_tri_consistent(PG_FUNCTION_ARGS)
{
	const char *check = (const char *) PG_GETARG_POINTER(0);
	Pointer    *extra = (Pointer *) PG_GETARG_POINTER(4);

	PG_RETURN_GIN_TERNARY_VALUE((GinTernaryValue)
								tag_program_run((const TagProgram *) extra[0], check));
}
