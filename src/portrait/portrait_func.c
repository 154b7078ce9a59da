/*
 * portrait_func.c
 *	  What the managed portrait cannot say in SQL: the lock of a refresh, which
 *	  is given back on every way out, the columns of a query that is not run, and a
 *	  query without the work that makes no difference to a set.
 */
#include "common/compat.h"

#include "access/relation.h"
#include "access/xact.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "rewrite/rewriteHandler.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/plancache.h"
#include "utils/ruleutils.h"

/* First half of the advisory lock's key, "port"; the second is the schema's oid */
#define REFRESH_LOCK_CLASS 1886351988

PORTRAIT_FUNCTION(portrait_refresh_lock);
PORTRAIT_FUNCTION(portrait_refresh_unlock);
PORTRAIT_FUNCTION(portrait_query_columns);
PORTRAIT_FUNCTION(portrait_tag_as_set);

/* The schema that this session refreshes, if any */
static Oid	refreshing = InvalidOid;

static bool
refresh_lock_release(void)
{
	LOCKTAG		tag;
	Oid			schema = refreshing;

	if (!OidIsValid(schema))
		return false;
	refreshing = InvalidOid;
	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, REFRESH_LOCK_CLASS, schema, 2);
	return LockRelease(&tag, ExclusiveLock, true);
}

/*
 * A refresh commits many times, and rolls back once: when an error leaves it.
 * (Errors that it catches are those of subtransactions.)
 */
static void
refresh_lock_at_abort(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT)
		refresh_lock_release();
}

/*
 * portrait_refresh_lock(schema oid) -> boolean
 *
 * Locks the schema for refresh until portrait_refresh_unlock(), or until an error
 * ends the transaction; false if another session has the lock.  25001 where the
 * caller could not commit.
 */
Datum
portrait_refresh_lock(PG_FUNCTION_ARGS)
{
	static bool registered = false;
	Oid			schema = PG_GETARG_OID(0);
	LOCKTAG		tag;

	if (!SPI_inside_nonatomic_context())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("portrait_refresh cannot run inside a transaction block"),
				 errdetail("It commits after each stage, so it must be a statement of its own: not between BEGIN and COMMIT, not in a function, not in one string with other statements."),
				 errhint("Say CALL portrait_refresh(...) alone, with autocommit on.")));
	if (!registered)
	{
		RegisterXactCallback(refresh_lock_at_abort, NULL);
		registered = true;
	}
	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, REFRESH_LOCK_CLASS, schema, 2);
	if (LockAcquire(&tag, ExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL)
		PG_RETURN_BOOL(false);
	refreshing = schema;
	PG_RETURN_BOOL(true);
}

/*
 * portrait_refresh_unlock() -> boolean
 *
 * Gives back the lock of portrait_refresh_lock(); false if there is none.
 */
Datum
portrait_refresh_unlock(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(refresh_lock_release());
}

/*
 * portrait_query_columns(query text) -> rows of column_name, column_type
 *
 * The columns of one SELECT (or VALUES, TABLE, WITH), which is analysed and not
 * run; 42601 if it is anything else, or the error that its analysis gives.
 */
Datum
portrait_query_columns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *query = text_to_cstring(PG_GETARG_TEXT_PP(0));
	SPIPlanPtr	plan;
	List	   *sources;
	CachedPlanSource *source;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	plan = SPI_prepare(query, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	sources = SPI_plan_get_plan_sources(plan);
	source = list_length(sources) == 1 ? linitial(sources) : NULL;
	if (source == NULL || source->resultDesc == NULL ||
		source->commandTag != CMDTAG_SELECT)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("the query must be one SELECT"),
				 errhint("Leave out other statements, and the semicolons between them.")));
	for (int i = 0; i < source->resultDesc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(source->resultDesc, i);
		Datum		values[2];
		bool		nulls[2] = {false, false};

		values[0] = CStringGetTextDatum(NameStr(column->attname));
		values[1] = ObjectIdGetDatum(column->atttypid);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}

/*
 * portrait_tag_as_set(view oid) -> text
 *
 * The query of a view whose rows are wanted as a set, each as often as it likes:
 * without the DISTINCT at its top, for which the server would hash all rows once
 * more.  NULL where there is none, or where what it leaves over depends on it.
 * 42P01, 42809 for what is no view.
 */
Datum
portrait_tag_as_set(PG_FUNCTION_ARGS)
{
	Relation	view = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	Query	   *query;
	char	   *text = NULL;

	if (view == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("view with OID %u does not exist", PG_GETARG_OID(0))));
	if (view->rd_rel->relkind != RELKIND_VIEW)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a view", RelationGetRelationName(view))));
	query = copyObject(get_view_query(view));
	if (query->distinctClause != NIL && !query->hasDistinctOn && query->setOperations == NULL &&
		query->limitCount == NULL && query->limitOffset == NULL)
	{
		query->distinctClause = NIL;
		query->sortClause = NIL;
		text = pg_get_querydef(query, false);
	}
	relation_close(view, AccessShareLock);
	if (text == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(text));
}
