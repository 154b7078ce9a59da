# portrait: customer portraits where the warehouse tables are
#
#   make && make install && make installcheck    for a server that you have;
#                                                PG_CONFIG= names another one
#   make demo | test | bench | sanitize | fuzz   bring what they need, use a
#                                                server of their own, remove it
#   make demo KEEP=1, make demo-stop             leave the demo's server, end it

PG_CONFIG ?= pg_config

ifeq (,$(wildcard portrait.control))
$(error make portrait in its own folder: there is no portrait.control here)
endif

EXTENSION = portrait
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" portrait.control)

# Plain C that runs without a server too: no backend header in here
CORE_SRCS = \
	src/common/base64.c \
	src/common/core_error.c \
	src/common/cpu.c \
	src/common/merge_sort.c \
	src/common/text_out.c \
	src/identity/identifier.c \
	src/identity/identifier_rules.c \
	src/identity/identity_check.c \
	src/identity/identity_forest.c \
	src/identity/identity_layout.c \
	src/identity/identity_lookup.c \
	src/identity/identity_merge.c \
	src/identity/identity_path.c \
	src/identity/identity_rows.c \
	src/identity/identity_sort.c \
	src/identity/identity_state.c \
	src/identity/identity_suspects.c \
	src/identity/identity_text.c \
	src/identity/identity_write.c \
	src/portrait/portrait_compare.c \
	src/segment/segment_acc.c \
	src/segment/segment_algebra.c \
	src/segment/segment_build.c \
	src/segment/segment_build_chunk.c \
	src/segment/segment_check.c \
	src/segment/segment_chunk.c \
	src/segment/segment_chunk_runs.c \
	src/segment/segment_count.c \
	src/segment/segment_iter.c \
	src/segment/segment_kernels.c \
	src/segment/segment_kernels_avx2.c \
	src/segment/segment_kernels_avx2_array.c \
	src/segment/segment_kernels_avx512.c \
	src/segment/segment_kernels_places.c \
	src/segment/segment_kernels_scalar.c \
	src/segment/segment_layout.c \
	src/segment/segment_probe.c \
	src/segment/segment_rank.c \
	src/segment/segment_roaring.c \
	src/segment/segment_roaring_write.c \
	src/segment/segment_sample.c \
	src/segment/segment_sort.c \
	src/segment/segment_tally.c \
	src/segment/segment_text.c \
	src/tag/tag_access.c \
	src/tag/tag_actual.c \
	src/tag/tag_common.c \
	src/tag/tag_count.c \
	src/tag/tag_cover.c \
	src/tag/tag_estimate.c \
	src/tag/tag_example.c \
	src/tag/tag_explain.c \
	src/tag/tag_keys.c \
	src/tag/tag_leaf.c \
	src/tag/tag_leaf_keys.c \
	src/tag/tag_logic.c \
	src/tag/tag_match.c \
	src/tag/tag_number.c \
	src/tag/tag_pairs.c \
	src/tag/tag_program.c \
	src/tag/tag_tree.c \
	src/tag/tag_value.c \
	src/tag/tagquery_bind.c \
	src/tag/tagquery_check.c \
	src/tag/tagquery_json.c \
	src/tag/tagquery_layout.c \
	src/tag/tagquery_lex.c \
	src/tag/tagquery_parse.c \
	src/tag/tagquery_parse_leaf.c \
	src/tag/tagquery_print.c \
	src/tag/tagquery_set.c \
	src/tag/tagquery_set_build.c \
	src/tag/tagquery_set_index.c \
	src/tag/tagquery_set_percolate.c \
	src/tag/tagquery_set_read.c \
	src/tag/tagset_algebra.c \
	src/tag/tagset_build.c \
	src/tag/tagset_check.c \
	src/tag/tagset_layout.c \
	src/tag/tagset_state.c \
	src/tag/tagset_text.c \
	src/tag/tagset_write.c \
	src/value/lifecycle.c \
	src/value/pareto.c \
	src/value/price.c \
	src/value/rfm_model.c \
	src/value/rfm_rules.c \
	src/value/rfm_scheme.c \
	src/value/rfm_state.c \
	src/value/rfm_summary.c \
	src/value/rfm_text.c \
	src/value/value_breaks.c \
	src/value/value_decimal.c \
	src/value/value_dist.c \
	src/value/value_jenks.c \
	src/value/value_pool.c \
	src/value/value_text.c \

MODULE_big = portrait
OBJS = \
	$(CORE_SRCS:.c=.o) \
	src/common/core_backend.o \
	src/identity/identifier_func.o \
	src/identity/identity_agg.o \
	src/identity/identity_datum.o \
	src/identity/identity_expanded.o \
	src/identity/identity_func.o \
	src/identity/identity_io.o \
	src/identity/identity_op.o \
	src/identity/identity_rows_agg.o \
	src/portrait.o \
	src/portrait/portrait_func.o \
	src/portrait/portrait_leaf.o \
	src/portrait/portrait_profile_func.o \
	src/portrait/portrait_rule.o \
	src/portrait/portrait_statement.o \
	src/portrait/portrait_tagset.o \
	src/portrait/portrait_text_func.o \
	src/portrait/preferred.o \
	src/segment/segment_agg.o \
	src/segment/segment_datum.o \
	src/segment/segment_expanded.o \
	src/segment/segment_func.o \
	src/segment/segment_io.o \
	src/segment/segment_op.o \
	src/segment/segment_selfuncs.o \
	src/segment/segment_support.o \
	src/segment/segment_tally_agg.o \
	src/tag/tag_bind_func.o \
	src/tag/tag_datum.o \
	src/tag/tag_encoding.o \
	src/tag/tag_explain_func.o \
	src/tag/tag_match_func.o \
	src/tag/tag_intervals_func.o \
	src/tag/tag_segment.o \
	src/tag/tag_selfuncs.o \
	src/tag/tag_typanalyze.o \
	src/tag/tag_value_datum.o \
	src/tag/tagquery_common.o \
	src/tag/tagquery_func.o \
	src/tag/tagquery_gin.o \
	src/tag/tagquery_io.o \
	src/tag/tagquery_jsonb.o \
	src/tag/tagquery_jsonb_rule.o \
	src/tag/tagquery_jsonb_value.o \
	src/tag/tagquery_keys_func.o \
	src/tag/tagquery_op.o \
	src/tag/tagquery_set_agg.o \
	src/tag/tagquery_set_func.o \
	src/tag/tagquery_support.o \
	src/tag/tagset_agg.o \
	src/tag/tagset_func.o \
	src/tag/tagset_gin.o \
	src/tag/tagset_io.o \
	src/tag/tagset_jsonb.o \
	src/tag/tagset_op.o \
	src/tag/tagset_selfuncs.o \
	src/value/lifecycle_func.o \
	src/value/pareto_func.o \
	src/value/price_func.o \
	src/value/rfm_agg.o \
	src/value/rfm_func.o \
	src/value/rfm_scheme_func.o \
	src/value/value_agg.o \
	src/value/value_func.o \
	src/value/value_type.o \
	src/value/value_window.o \

DATA_built = sql/$(EXTENSION)--$(EXTVERSION).sql
EXTRA_CLEAN = .deps results output_iso tmp_check regression.diffs regression.out

# Tests; test/sql/<name>_16.sql and the like wait for that major
REGRESS = $(foreach t,$(sort $(patsubst test/sql/%.sql,%,$(wildcard test/sql/*.sql))),$(call for_major,$(t)))
REGRESS_OPTS = --inputdir=test
ISOLATION := $(sort $(patsubst test/specs/%.spec,%,$(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=.
ifneq (,$(wildcard test/t/*.pl))
# these start servers of their own: not as root, and not without IPC::Run
TAP_TESTS := $(shell test "$$(id -u)" != 0 && perl -MIPC::Run -e 'print 1' 2>/dev/null)
PROVE_TESTS = test/t/*.pl
endif

suffix_major = $(filter 16 17 18,$(lastword $(subst _, ,$(1))))
for_major = $(if $(call suffix_major,$(1)),$(shell test $(MAJORVERSION) -ge $(call suffix_major,$(1)) && echo $(1)),$(1))

# The level of optimisation is the server's
PG_CPPFLAGS = -I$(srcdir)/src -DPORTRAIT_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -fvisibility=hidden -ftree-vectorize
# Products and sums are rounded apart on every machine, so that all have the same results
PG_CFLAGS += -ffp-contract=off
ifneq (,$(findstring clang,$(CC)))
# the server may have been configured for gcc
PG_CFLAGS += -Wno-unknown-warning-option -Wno-ignored-optimization-argument
endif
ifdef WERROR
PG_CFLAGS += -Werror
endif

# No bitcode for JIT: our functions do much work per call, so that inlining
# them into expressions gains nothing, and so building does without clang.
override with_llvm = no

# What works on a machine that has no server yet leaves PGXS alone
WITHOUT_SERVER = bench core_srcs demo demo-stop dist fuzz majors sanitize test
ifneq (,$(or $(if $(MAKECMDGOALS),,all),$(filter-out $(WITHOUT_SERVER),$(MAKECMDGOALS))))

PGXS := $(shell $(PG_CONFIG) --pgxs)
ifeq (,$(wildcard $(PGXS)))
$(error $(PG_CONFIG) finds no PostgreSQL to build against: install its development package, or name another pg_config with PG_CONFIG=)
endif
include $(PGXS)

ifneq (,$(filter 9.% 10 11 12 13 14,$(MAJORVERSION)))
$(error portrait needs PostgreSQL 15 or later, and $(PG_CONFIG) is of $(MAJORVERSION))
endif

# The server's headers are not ours to warn about
override CPPFLAGS := $(patsubst -I$(includedir_server),-isystem $(includedir_server),$(CPPFLAGS))

# PGXS tracks no headers unless the server was configured to
$(OBJS): $(wildcard src/*.h src/*/*.h) portrait.control

$(DATA_built): $(sort $(wildcard sql/modules/*.sql)) portrait.control
	cat $(filter %.sql,$^) > $@.tmp && mv $@.tmp $@

endif

test:
	@test/run

demo:
	@test/demo/run

demo-stop:
	@test/demo/stop

bench:
	@test/bench/run

sanitize fuzz:
	@test/fuzz/run $@

majors:
	@test/majors/run

core_srcs:
	@echo $(CORE_SRCS)

dist:
	git archive --format=zip --prefix=$(EXTENSION)-$(EXTVERSION)/ -o $(EXTENSION)-$(EXTVERSION).zip HEAD

.PHONY: $(WITHOUT_SERVER)
