/*
 * segment_kernels_scalar.c
 *	  The kernels in plain C: the reference, and what runs where no SIMD does.
 *
 * The merges have no branch that depends on the data: each step writes one
 * value and moves every cursor by a comparison's 0 or 1.  Where one side is
 * far smaller, we search the larger one instead of walking it.
 */
#include "segment/segment_kernels.h"

extern const SegmentKernels segment_kernels_scalar;

/* From this ratio of sizes on, searching beats merging */
#define SKEW 32

static inline bool
skewed(size_t small, size_t large)
{
	return large / SKEW >= small;
}

static inline uint32_t
copy_values(uint16_t *out, const uint16_t *a, uint32_t n)
{
	if (n > 0)
		memcpy(out, a, n * sizeof(uint16_t));
	return n;
}

/*
 * Bitsets
 */

#define BITSET_OP(name, expression) \
static uint32_t \
name(uint64_t *dst, const uint64_t *a, const uint64_t *b) \
{ \
	uint32_t	count = 0; \
\
	for (int i = 0; i < SEGMENT_WORDS; i++) \
	{ \
		uint64_t	w = (expression); \
\
		dst[i] = w; \
		count += __builtin_popcountll(w); \
	} \
	return count; \
}

BITSET_OP(bitset_and, a[i] & b[i])
BITSET_OP(bitset_or, a[i] | b[i])
BITSET_OP(bitset_xor, a[i] ^ b[i])
BITSET_OP(bitset_andnot, a[i] & ~b[i])

static uint32_t
bitset_and_count(const uint64_t *a, const uint64_t *b)
{
	uint32_t	count = 0;

	for (int i = 0; i < SEGMENT_WORDS; i++)
		count += __builtin_popcountll(a[i] & b[i]);
	return count;
}

static uint32_t
bitset_count(const uint64_t *a)
{
	uint32_t	count = 0;

	for (int i = 0; i < SEGMENT_WORDS; i++)
		count += __builtin_popcountll(a[i]);
	return count;
}

/* A run starts at each one whose lower neighbour is a zero */
static uint32_t
bitset_runs(const uint64_t *a)
{
	uint32_t	runs = 0;
	uint64_t	below = 0;

	for (int i = 0; i < SEGMENT_WORDS; i++)
	{
		runs += __builtin_popcountll(a[i] & ~(a[i] << 1 | below));
		below = a[i] >> 63;
	}
	return runs;
}

static uint32_t
bitset_to_array(const uint64_t *a, uint16_t *out)
{
	uint32_t	n = 0;

	for (int i = 0; i < SEGMENT_WORDS; i++)
		for (uint64_t w = a[i]; w != 0; w &= w - 1)
			out[n++] = (uint16_t) (64 * i + __builtin_ctzll(w));
	return n;
}

/*
 * Arrays of 16-bit values
 */

/* The first place from "from" on whose value is not below x, or n */
static uint32_t
array_search(const uint16_t *a, uint32_t from, uint32_t n, uint16_t x)
{
	uint32_t	step = 1;
	uint32_t	end;

	if (from >= n || a[from] >= x)
		return from;
	while (step < n - from && a[from + step] < x)
		step *= 2;
	end = step < n - from ? from + step : n;
	from += step / 2 + 1;		/* the value before it is below x */
	while (from < end)
	{
		uint32_t	middle = from + (end - from) / 2;

		if (a[middle] < x)
			from = middle + 1;
		else
			end = middle;
	}
	return from;
}

static uint32_t
array_and_search(const uint16_t *small, uint32_t ns,
				 const uint16_t *large, uint32_t nl, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	j = 0;

	for (uint32_t i = 0; i < ns; i++)
	{
		j = array_search(large, j, nl, small[i]);
		if (j == nl)
			break;
		out[n] = small[i];
		n += large[j] == small[i];
	}
	return n;
}

static uint32_t
array_and_count_search(const uint16_t *small, uint32_t ns,
					   const uint16_t *large, uint32_t nl)
{
	uint32_t	n = 0;
	uint32_t	j = 0;

	for (uint32_t i = 0; i < ns; i++)
	{
		j = array_search(large, j, nl, small[i]);
		if (j == nl)
			break;
		n += large[j] == small[i];
	}
	return n;
}

/* Union, or with "both" false the values in only one of them */
static uint32_t
array_or_search(const uint16_t *small, uint32_t ns,
				const uint16_t *large, uint32_t nl, bool both, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	j = 0;

	for (uint32_t i = 0; i < ns; i++)
	{
		uint32_t	place = array_search(large, j, nl, small[i]);
		bool		hit = place < nl && large[place] == small[i];

		n += copy_values(out + n, large + j, place - j);
		j = place + hit;
		out[n] = small[i];
		n += both || !hit;
	}
	return n + copy_values(out + n, large + j, nl - j);
}

/* What is left of a when few values are taken out */
static uint32_t
array_without_few(const uint16_t *a, uint32_t na,
				  const uint16_t *b, uint32_t nb, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = 0;

	for (uint32_t j = 0; j < nb && i < na; j++)
	{
		uint32_t	place = array_search(a, i, na, b[j]);

		n += copy_values(out + n, a + i, place - i);
		i = place + (place < na && a[place] == b[j]);
	}
	return n + copy_values(out + n, a + i, na - i);
}

/* What is left of a few values */
static uint32_t
array_few_without(const uint16_t *a, uint32_t na,
				  const uint16_t *b, uint32_t nb, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	j = 0;

	for (uint32_t i = 0; i < na; i++)
	{
		j = array_search(b, j, nb, a[i]);
		out[n] = a[i];
		n += j == nb || b[j] != a[i];
	}
	return n;
}

static uint32_t
array_and(const uint16_t *a, uint32_t na,
		  const uint16_t *b, uint32_t nb, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	if (skewed(na, nb))
		return array_and_search(a, na, b, nb, out);
	if (skewed(nb, na))
		return array_and_search(b, nb, a, na, out);
	while (i < na && j < nb)
	{
		uint16_t	x = a[i];
		uint16_t	y = b[j];

		out[n] = x;
		n += x == y;
		i += x <= y;
		j += y <= x;
	}
	return n;
}

static uint32_t
array_and_count(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	if (skewed(na, nb))
		return array_and_count_search(a, na, b, nb);
	if (skewed(nb, na))
		return array_and_count_search(b, nb, a, na);
	while (i < na && j < nb)
	{
		uint16_t	x = a[i];
		uint16_t	y = b[j];

		n += x == y;
		i += x <= y;
		j += y <= x;
	}
	return n;
}

static uint32_t
array_or(const uint16_t *a, uint32_t na,
		 const uint16_t *b, uint32_t nb, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	if (skewed(na, nb))
		return array_or_search(a, na, b, nb, true, out);
	if (skewed(nb, na))
		return array_or_search(b, nb, a, na, true, out);
	while (i < na && j < nb)
	{
		uint16_t	x = a[i];
		uint16_t	y = b[j];

		out[n++] = x < y ? x : y;
		i += x <= y;
		j += y <= x;
	}
	n += copy_values(out + n, a + i, na - i);
	return n + copy_values(out + n, b + j, nb - j);
}

static uint32_t
array_xor(const uint16_t *a, uint32_t na,
		  const uint16_t *b, uint32_t nb, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	if (skewed(na, nb))
		return array_or_search(a, na, b, nb, false, out);
	if (skewed(nb, na))
		return array_or_search(b, nb, a, na, false, out);
	while (i < na && j < nb)
	{
		uint16_t	x = a[i];
		uint16_t	y = b[j];

		out[n] = x < y ? x : y;
		n += x != y;
		i += x <= y;
		j += y <= x;
	}
	n += copy_values(out + n, a + i, na - i);
	return n + copy_values(out + n, b + j, nb - j);
}

static uint32_t
array_andnot(const uint16_t *a, uint32_t na,
			 const uint16_t *b, uint32_t nb, uint16_t *out)
{
	uint32_t	n = 0;
	uint32_t	i = 0;
	uint32_t	j = 0;

	if (skewed(na, nb))
		return array_few_without(a, na, b, nb, out);
	if (skewed(nb, na))
		return array_without_few(a, na, b, nb, out);
	while (i < na && j < nb)
	{
		uint16_t	x = a[i];
		uint16_t	y = b[j];

		out[n] = x;
		n += x < y;
		i += x <= y;
		j += y <= x;
	}
	return n + copy_values(out + n, a + i, na - i);
}

static uint32_t
array_runs(const uint16_t *a, uint32_t n)
{
	uint32_t	runs = n > 0;

	for (uint32_t i = 1; i < n; i++)
		runs += (uint16_t) (a[i] - a[i - 1]) != 1;
	return runs;
}

/*
 * Arrays against bitsets
 */

static inline uint32_t
bitset_holds(const uint64_t *b, uint16_t x)
{
	return b[x / 64] >> (x % 64) & 1;
}

static uint32_t
array_bitset_and(const uint16_t *a, uint32_t na, const uint64_t *b, uint16_t *out)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < na; i++)
	{
		uint16_t	x = a[i];

		out[n] = x;
		n += bitset_holds(b, x);
	}
	return n;
}

static uint32_t
array_bitset_and_count(const uint16_t *a, uint32_t na, const uint64_t *b)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < na; i++)
		n += bitset_holds(b, a[i]);
	return n;
}

static uint32_t
array_bitset_andnot(const uint16_t *a, uint32_t na, const uint64_t *b, uint16_t *out)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < na; i++)
	{
		uint16_t	x = a[i];

		out[n] = x;
		n += bitset_holds(b, x) ^ 1;
	}
	return n;
}

/*
 * Arrays of 64-bit ids
 */

/* As array_search() */
static size_t
ids_search(const uint64_t *a, size_t from, size_t n, uint64_t x)
{
	size_t		step = 1;
	size_t		end;

	if (from >= n || a[from] >= x)
		return from;
	while (step < n - from && a[from + step] < x)
		step *= 2;
	end = step < n - from ? from + step : n;
	from += step / 2 + 1;
	while (from < end)
	{
		size_t		middle = from + (end - from) / 2;

		if (a[middle] < x)
			from = middle + 1;
		else
			end = middle;
	}
	return from;
}

/* Both are given out = NULL for the count alone */
static inline size_t
ids_and_search(const uint64_t *small, size_t ns,
			   const uint64_t *large, size_t nl, uint64_t *out)
{
	size_t		n = 0;
	size_t		j = 0;

	for (size_t i = 0; i < ns; i++)
	{
		j = ids_search(large, j, nl, small[i]);
		if (j == nl)
			break;
		if (out != NULL)
			out[n] = small[i];
		n += large[j] == small[i];
	}
	return n;
}

static inline size_t
ids_and_merge(const uint64_t *a, size_t na,
			  const uint64_t *b, size_t nb, uint64_t *out)
{
	size_t		n = 0;
	size_t		i = 0;
	size_t		j = 0;

	while (i < na && j < nb)
	{
		uint64_t	x = a[i];
		uint64_t	y = b[j];

		if (out != NULL)
			out[n] = x;
		n += x == y;
		i += x <= y;
		j += y <= x;
	}
	return n;
}

static size_t
ids_and(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint64_t *out)
{
	if (skewed(na, nb))
		return ids_and_search(a, na, b, nb, out);
	if (skewed(nb, na))
		return ids_and_search(b, nb, a, na, out);
	return ids_and_merge(a, na, b, nb, out);
}

static size_t
ids_and_count(const uint64_t *a, size_t na, const uint64_t *b, size_t nb)
{
	if (skewed(na, nb))
		return ids_and_search(a, na, b, nb, NULL);
	if (skewed(nb, na))
		return ids_and_search(b, nb, a, na, NULL);
	return ids_and_merge(a, na, b, nb, NULL);
}

/*
 * Packed values
 */

/* How many of the first values can be read as eight bytes before the limit */
static inline uint32_t
unpack_whole(size_t bytes, uint32_t width, uint32_t n)
{
	uint64_t	whole = bytes < 8 ? 0 : (8 * (uint64_t) (bytes - 8) + 7) / width + 1;

	return whole < n ? (uint32_t) whole : n;
}

static void
unpack(const uint8_t *src, const uint8_t *limit,
	   uint32_t width, uint64_t base, uint32_t n, uint64_t *out)
{
	uint64_t	mask = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
	uint32_t	whole = unpack_whole((size_t) (limit - src), width, n);
	uint64_t	bit = 0;
	uint32_t	i;

	for (i = 0; i < whole; i++, bit += width)
		out[i] = base + (load64(src + bit / 8) >> (bit % 8) & mask);
	for (; i < n; i++, bit += width)
	{
		const uint8_t *p = src + bit / 8;
		size_t		rest = (size_t) (limit - p);
		uint64_t	v = 0;

		memcpy(&v, p, rest < 8 ? rest : 8);
		out[i] = base + (v >> (bit % 8) & mask);
	}
}

const SegmentKernels segment_kernels_scalar = {
	.level = CPU_NONE,
	.bitset_and = bitset_and,
	.bitset_or = bitset_or,
	.bitset_xor = bitset_xor,
	.bitset_andnot = bitset_andnot,
	.bitset_and_count = bitset_and_count,
	.bitset_count = bitset_count,
	.bitset_runs = bitset_runs,
	.bitset_to_array = bitset_to_array,
	.array_and = array_and,
	.array_and_count = array_and_count,
	.array_or = array_or,
	.array_xor = array_xor,
	.array_andnot = array_andnot,
	.array_runs = array_runs,
	.array_bitset_and = array_bitset_and,
	.array_bitset_and_count = array_bitset_and_count,
	.array_bitset_andnot = array_bitset_andnot,
	.ids_and = ids_and,
	.ids_and_count = ids_and_count,
	.unpack = unpack,
};
