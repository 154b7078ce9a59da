/*
 * price.h
 *	  How much a customer buys on discount: the type price_sensitivity.
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, PRICE_VERSION
 *	 5	uint8	zero
 *	 6	uint8	scale, 0 to PRICE_MAX_SCALE: the largest number of decimals seen
 *	 7	uint8	zero
 *	 8	int64	orders, at least 1
 *	16	int64	orders with a discount
 *	24	uint128	sum of their discounts as parts of the price, in units of 10^-15
 *	40	uint128	sum of the reference prices of all orders, in units of 10^-scale
 *	56	uint128	sum of the discounts, likewise
 *
 * All of it is integers, so any order of the rows gives the same bytes, and
 * the value is its own aggregate state, updated in place.
 */
#ifndef PORTRAIT_PRICE_H
#define PORTRAIT_PRICE_H

#include "common/core.h"
#include "value/value_decimal.h"

#define PRICE_VERSION 1
#define PRICE_SIZE 72
#define PRICE_MAX_SCALE 30
#define PRICE_RATE_ONE INT64_C(1000000000000000)

typedef struct PriceSums
{
	int			scale;
	int64_t		orders;
	int64_t		discounted;
	int128_t	rates;
	int128_t	prices;
	int128_t	discounts;
} PriceSums;

/* Read a value's payload.  Throws CORE_CORRUPT. */
extern void price_read(PriceSums *sums, const uint8_t *payload, size_t size);
/* Write a value of PRICE_SIZE bytes, length word included */
extern void price_write(const PriceSums *sums, void *value);
extern bool price_check(const uint8_t *payload, size_t size, CoreError *error);
extern char *price_print(const PriceSums *sums);
extern void *price_parse(const char *text, CoreError *error);

extern void price_start(PriceSums *sums);
/* One order.  Throws 22003 when a price is negative or the sums are too large. */
extern void price_add(PriceSums *sums, const Decimal *paid, const Decimal *price);
extern void price_merge(PriceSums *sums, const PriceSums *other);

extern double price_order_share(const PriceSums *sums);
/* 0 without a discounted order */
extern double price_mean_discount(const PriceSums *sums);
extern double price_total_share(const PriceSums *sums);

#endif							/* PORTRAIT_PRICE_H */
