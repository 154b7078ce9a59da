/*
 * segment_selfuncs.c
 *	  How many rows the containment and overlap operators will find.
 *
 * "column <@ constant" is the useful case: the constant's count, bounds and
 * the column's histogram tell much.  For a column of segments nothing is
 * known of the members, and small constants are used, as core does for
 * containment.
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/typcache.h"

#include "segment/segment_fmgr.h"

/* One id in a column of segments, or one segment in another */
#define DEFAULT_CONTAINS_SEL 0.005
#define DEFAULT_OVERLAPS_SEL 0.05
#define DEFAULT_JOIN_SEL 0.001

static bool
is_integer_type(Oid type)
{
	return type == INT8OID || type == INT4OID || type == INT2OID;
}

/* Does a Const hold a segment?  It is what is neither an id nor a NULL. */
static bool
const_segment(const Const *c, Segment *header)
{
	/* operators that use this estimator have no other types */
	if (c->constisnull || c->constlen != -1 || is_integer_type(c->consttype))
		return false;
	segment_header_datum(header, c->constvalue);
	return true;
}

/* The share of a column's values between two bounds, by its histogram */
static double
range_selectivity(PlannerInfo *root, VariableStatData *vardata, int64 lo, int64 hi)
{
	Oid			type = vardata->atttype;
	TypeCacheEntry *cache = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);
	Oid			ge = get_opfamily_member(cache->btree_opf, type, INT8OID,
										 BTGreaterEqualStrategyNumber);
	Oid			le = get_opfamily_member(cache->btree_opf, type, INT8OID,
										 BTLessEqualStrategyNumber);
	FmgrInfo	fge;
	FmgrInfo	fle;
	double		above;
	double		below;

	if (!OidIsValid(ge) || !OidIsValid(le))
		return -1;
	fmgr_info(get_opcode(ge), &fge);
	fmgr_info(get_opcode(le), &fle);
	above = ineq_histogram_selectivity(root, vardata, ge, &fge, true, true, InvalidOid,
									   Int64GetDatum(lo), INT8OID);
	below = ineq_histogram_selectivity(root, vardata, le, &fle, false, true, InvalidOid,
									   Int64GetDatum(hi), INT8OID);
	if (above < 0 || below < 0)
		return -1;
	return above + below - 1.0;
}

/* What is known of the most common values of a column */
typedef struct CommonValues
{
	int			n;				/* how many there are */
	int			nmembers;		/* how many of them are members */
	double		share;			/* of the rows that have one of them */
	double		members_share;	/* of the rows that have one that is a member */
} CommonValues;

static int64
integer_value(Datum value, Oid type)
{
	return type == INT8OID ? DatumGetInt64(value) :
		type == INT4OID ? DatumGetInt32(value) : DatumGetInt16(value);
}

static void
count_common(CommonValues *common, VariableStatData *vardata, Oid operator, Datum segment)
{
	AttStatsSlot slot;
	SegmentView view;

	memset(common, 0, sizeof(*common));
	if (!HeapTupleIsValid(vardata->statsTuple) || !is_integer_type(vardata->atttype) ||
		!statistic_proc_security_check(vardata, get_opcode(operator)) ||
		!get_attstatsslot(&slot, vardata->statsTuple, STATISTIC_KIND_MCV, InvalidOid,
						  ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS))
		return;
	segment_open_datum(&view, segment);
	common->n = slot.nvalues;
	for (int i = 0; i < slot.nvalues; i++)
	{
		common->share += slot.numbers[i];
		if (segment_contains(&view, integer_value(slot.values[i], vardata->atttype)))
		{
			common->nmembers++;
			common->members_share += slot.numbers[i];
		}
	}
	free_attstatsslot(&slot);
}

/*
 * Rows whose id is one of a constant segment.  Of the most common values it is
 * known.  Of the others no more than the rest of the members among the rest of
 * the distinct values, and no more than lie between the bounds.
 */
static double
members_selectivity(PlannerInfo *root, VariableStatData *vardata, Oid operator,
					const Segment *header, Datum segment)
{
	CommonValues common;
	bool		isdefault;
	double		ndistinct;
	double		nulls = 0.0;
	double		range;
	double		sel;

	if (header->count == 0)
		return 0.0;
	if (HeapTupleIsValid(vardata->statsTuple))
		nulls = ((Form_pg_statistic) GETSTRUCT(vardata->statsTuple))->stanullfrac;
	count_common(&common, vardata, operator, segment);
	ndistinct = get_variable_numdistinct(vardata, &isdefault);
	sel = Max((double) header->count - common.nmembers, 0.0) / Max(ndistinct - common.n, 1.0);
	if (HeapTupleIsValid(vardata->statsTuple) && is_integer_type(vardata->atttype))
	{
		range = range_selectivity(root, vardata, header->min, header->max);
		if (range >= 0 && range < sel)
			sel = range;
	}
	if (isdefault && sel > 0.5)
		sel = 0.5;
	CLAMP_PROBABILITY(sel);
	sel = common.members_share + sel * (1.0 - common.share - nulls);
	CLAMP_PROBABILITY(sel);
	return sel;
}

PORTRAIT_FUNCTION(portrait_segment_sel);
Datum
portrait_segment_sel(PG_FUNCTION_ARGS)
{
	PlannerInfo *root = (PlannerInfo *) PG_GETARG_POINTER(0);
	Oid			operator = PG_GETARG_OID(1);
	List	   *args = (List *) PG_GETARG_POINTER(2);
	int			relid = PG_GETARG_INT32(3);
	VariableStatData vardata;
	Node	   *other;
	bool		varonleft;
	Segment		header;
	double		sel = DEFAULT_CONTAINS_SEL;
	char	   *name = get_opname(operator);

	if (name != NULL && strcmp(name, "&&") == 0)
		sel = DEFAULT_OVERLAPS_SEL;
	if (!get_restriction_variable(root, args, relid, &vardata, &other, &varonleft))
		PG_RETURN_FLOAT8(sel);
	if (IsA(other, Const) && ((Const *) other)->constisnull)
		sel = 0.0;
	else if (IsA(other, Const) && is_integer_type(vardata.vartype) &&
			 const_segment((Const *) other, &header))
		sel = members_selectivity(root, &vardata, operator, &header,
								  ((Const *) other)->constvalue);
	ReleaseVariableStats(vardata);
	PG_RETURN_FLOAT8(sel);
}

PORTRAIT_FUNCTION(portrait_segment_joinsel);
Datum
portrait_segment_joinsel(PG_FUNCTION_ARGS)
{
	char	   *name = get_opname(PG_GETARG_OID(1));

	if (name != NULL && strcmp(name, "&&") == 0)
		PG_RETURN_FLOAT8(DEFAULT_OVERLAPS_SEL);
	PG_RETURN_FLOAT8(DEFAULT_JOIN_SEL);
}
