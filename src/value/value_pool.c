/*
 * value_pool.c
 *	  Numbers collected to find thresholds, see value_pool.h.
 *
 * Text:
 *
 *	{"columns": 1, "bins": 5, "method": "quantile", "kind": "any", "values": [[1, [2.5, 3]]]}
 */
#include "value/value_pool.h"

#include "value/rfm_summary.h"

static const char *const kind_names[] = {"any", "exact", "double"};

void
value_pool_start(ValuePool *pool, int columns, int bins, int method, int kind)
{
	memset(pool, 0, sizeof(*pool));
	pool->columns = columns;
	pool->bins = bins;
	pool->method = method;
	pool->kind = kind;
	for (int i = 0; i < columns; i++)
	{
		pool->lists[i].room = 64;
		pool->lists[i].values = core_alloc(64 * sizeof(double));
	}
}

/* ---- bytes ---- */

/* Open the header and all distributions */
static const char *
try_open(ValuePool *pool, Distribution *dists, const uint8_t *p, size_t size)
{
	const uint8_t *at = p + POOL_HEADER_SIZE - 4;

	if (size < POOL_HEADER_SIZE - 4)
		return "it is too short";
	if (p[0] != POOL_VERSION || p[1] != 0)
		return "unknown version";
	pool->columns = p[2];
	pool->method = p[3];
	pool->bins = load16(p + 4);
	pool->kind = p[6];
	if ((pool->columns != 1 && pool->columns != POOL_MAX_COLUMNS) ||
		pool->method >= BREAKS_METHODS || pool->bins == 1 || pool->bins > BREAKS_MAX_BINS ||
		(pool->bins == 0 && pool->method != 0) || pool->kind > POOL_DOUBLE ||
		(pool->kind != POOL_ANY && pool->columns == 1) ||
		(pool->bins > 2 && (pool->method == BREAKS_MEAN || pool->method == BREAKS_MEDIAN)) ||
		(pool->columns > 1 && (pool->bins == 0 || pool->bins > 9)))
		return "wrong header";
	for (int i = 0; i < pool->columns; i++)
	{
		const char *problem = dist_open(&dists[i], at, p + size);

		if (problem != NULL)
			return problem;
		at = dists[i].end;
		if (dists[i].n == 0 || dists[i].n != dists[0].n)
			return "columns of different lengths";
	}
	return at == p + size ? NULL : "it is longer than its parts";
}

static void
open_stored(ValuePool *pool, Distribution *dists, const uint8_t *payload, size_t size)
{
	const char *problem = try_open(pool, dists, payload, size);

	if (problem != NULL)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type value_pool: %s", problem);
}

void
value_pool_peek(ValuePool *pool, const uint8_t *payload, size_t size)
{
	Distribution dists[POOL_MAX_COLUMNS];

	open_stored(pool, dists, payload, size);
}

void
value_pool_add_stored(ValuePool *pool, const uint8_t *payload, size_t size)
{
	Distribution dists[POOL_MAX_COLUMNS];
	ValuePool	stored;

	open_stored(&stored, dists, payload, size);
	for (int i = 0; i < pool->columns && i < stored.columns; i++)
		value_list_add_dist(&pool->lists[i], &dists[i]);
}

/* Write an image of distinct numbers */
static void *
write_image(const ValuePool *pool, const ValueRuns *runs)
{
	size_t		size = POOL_HEADER_SIZE;
	uint8_t    *image;
	uint8_t    *p;

	for (int i = 0; i < pool->columns; i++)
		size = core_add_size(size, dist_size(&runs[i]));
	if (size > DIST_MAX_SIZE)
		core_throw(CORE_LIMIT, "Aggregate without parallel workers.",
				   "value_pool would be larger than 1 GB");
	image = core_alloc(size);
	memset(image, 0, POOL_HEADER_SIZE);
	image[4] = POOL_VERSION;
	image[6] = (uint8_t) pool->columns;
	image[7] = (uint8_t) pool->method;
	store16(image + 8, (uint16_t) pool->bins);
	image[10] = (uint8_t) pool->kind;
	p = image + POOL_HEADER_SIZE;
	for (int i = 0; i < pool->columns; i++)
		p = dist_write(p, &runs[i]);
	value_set_size(image, (size_t) (p - image));
	return image;
}

void *
value_pool_flat(ValuePool *pool)
{
	ValueRuns	runs[POOL_MAX_COLUMNS];
	void	   *image;

	for (int i = 0; i < pool->columns; i++)
		value_list_runs(&pool->lists[i], &runs[i]);
	image = write_image(pool, runs);
	for (int i = 0; i < pool->columns; i++)
	{
		core_free(runs[i].values);
		core_free(runs[i].counts);
	}
	return image;
}

bool
value_pool_check(const uint8_t *payload, size_t size, CoreError *error)
{
	ValuePool	pool;
	Distribution dists[POOL_MAX_COLUMNS];
	const char *problem = try_open(&pool, dists, payload, size);

	for (int i = 7; problem == NULL && i < 12; i++)
		if (payload[i] != 0)
			problem = "bytes that must be zero";
	for (int i = 0; problem == NULL && i < pool.columns; i++)
		problem = dist_check(&dists[i]);
	if (problem == NULL)
		return true;
	core_set_error(error, CORE_BAD_BINARY, "invalid binary value of type value_pool");
	core_set_detail(error, "Problem: %s.", problem);
	return false;
}

/* ---- text ---- */

char *
value_pool_print(const uint8_t *payload, size_t size)
{
	ValuePool	pool;
	Distribution dists[POOL_MAX_COLUMNS];
	TextOut		out;

	open_stored(&pool, dists, payload, size);
	text_out_start(&out);
	text_out(&out, "{\"columns\": %d, \"bins\": %d, \"method\": \"%s\", "
			 "\"kind\": \"%s\", \"values\": [", pool.columns, pool.bins,
			 break_method_names[pool.method], kind_names[pool.kind]);
	for (int i = 0; i < pool.columns; i++)
	{
		text_out(&out, i > 0 ? ", " : "");
		dist_print(&dists[i], &out);
	}
	text_out(&out, "]}");
	return out.text;
}

void *
value_pool_parse(const char *text, CoreError *error)
{
	TextIn		in;
	ValuePool	pool = {0};
	ValueRuns	runs[POOL_MAX_COLUMNS];
	CoreError	problem;
	int64_t		columns;
	int64_t		bins;
	uint8_t    *image;

	text_in_start(&in, text, "value_pool", error);
	if (!text_in_char(&in, '{') || !text_in_key(&in, "columns", true) ||
		!text_in_int(&in, 1, POOL_MAX_COLUMNS, &columns) || !text_in_key(&in, "bins", false) ||
		!text_in_int(&in, 0, BREAKS_MAX_BINS, &bins) || !text_in_key(&in, "method", false) ||
		!text_in_name(&in, break_method_names, BREAKS_METHODS, &pool.method) ||
		!text_in_key(&in, "kind", false) || !text_in_name(&in, kind_names, 3, &pool.kind) ||
		!text_in_key(&in, "values", false) || !text_in_char(&in, '['))
		return NULL;
	pool.columns = (int) columns;
	pool.bins = (int) bins;
	for (int i = 0; i < pool.columns; i++)
		if ((i > 0 && !text_in_char(&in, ',')) || !dist_parse(&in, &runs[i]))
			return NULL;
	if (!text_in_char(&in, ']') || !text_in_char(&in, '}') || !text_in_end(&in))
		return NULL;
	image = write_image(&pool, runs);
	if (value_pool_check(image + 4, value_size(image) - 4, &problem))
		return image;
	text_in_wrong(&in, "columns, bins, method, kind and numbers do not go together");
	return NULL;
}
