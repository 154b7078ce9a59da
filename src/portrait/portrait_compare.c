/*
 * portrait_compare.c
 *	  Index (TGI), its interval, and the test behind it.
 *
 * The test is that of two proportions, target against rest, with the share of
 * both together in the variance.  The interval is the usual one of a ratio of
 * shares, R = p / r, normal in its logarithm.  It is one of target against
 * rest; but the index compares with the base, in which the rest has only its
 * part.  With p_base = a p + b r, where a and b are what was seen, the index is
 * 100 R / (a R + b): it grows with R, so the ends of the interval of R give those
 * of the index, and 100 is inside just if R = 1 is.
 */
#include "portrait/portrait_compare.h"

#include <math.h>

/* 97.5 % of a standard normal distribution lie below */
#define NORMAL_975 1.959963984540054

double
normal_two_sided(double z)
{
	return erfc(fabs(z) * 0.70710678118654752440);	/* 1/sqrt(2) */
}

static double
share_of(const Share *share)
{
	return (double) share->count / (double) share->known;
}

/*
 * Variance of the logarithm of a share.  None and all would have none: they are
 * taken half a customer from there.
 */
static double
log_variance(const Share *share, double *adjusted)
{
	double		count = (double) share->count;
	double		known = (double) share->known;

	count = fmax(count, 0.5);
	count = fmin(count, known - 0.5);
	*adjusted = count / known;
	return (known - count) / (count * known);
}

static double
test_shares(const Share *a, const Share *b)
{
	double		pooled = ((double) a->count + (double) b->count) / ((double) a->known + (double) b->known);
	double		variance = pooled * (1 - pooled) * (1 / (double) a->known + 1 / (double) b->known);

	/* nobody or everybody on both sides */
	if (variance <= 0)
		return 1;
	return normal_two_sided((share_of(a) - share_of(b)) / sqrt(variance));
}

void
portrait_compare(Comparison *comparison, const Share *target, const Share *rest,
				 const Share *both)
{
	Share		base = {rest->count + both->count, rest->known + both->known};
	double		of_target;		/* a */
	double		of_rest;		/* b */
	double		target_share;
	double		rest_share;
	double		ratio;			/* logarithm of R */
	double		distance;
	double		low;
	double		high;

	*comparison = (Comparison) {NAN, NAN, NAN, NAN};
	if (target->known == 0 || base.known == 0)
		return;
	if (base.count > 0)
		comparison->index = 100 * share_of(target) / share_of(&base);
	if (rest->known == 0)
		return;
	comparison->p = test_shares(target, rest);
	if (base.count == 0)
		return;

	of_target = (target->count > 0 ? (double) both->count / share_of(target) : (double) both->known) /
		(double) base.known;
	of_rest = (double) rest->known / (double) base.known;
	distance = NORMAL_975 * sqrt(log_variance(target, &target_share) + log_variance(rest, &rest_share));
	if (target->count > 0 && rest->count > 0)
	{
		target_share = share_of(target);
		rest_share = share_of(rest);
	}
	ratio = log(target_share) - log(rest_share);
	low = exp(ratio - distance);
	high = exp(ratio + distance);
	comparison->low = target->count == 0 ? 0 : 100 * low / (of_target * low + of_rest);
	/* where R is infinite, there is no larger index */
	comparison->high = rest->count == 0 ? comparison->index : 100 * high / (of_target * high + of_rest);
}
