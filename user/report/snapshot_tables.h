/* SPDX-License-Identifier: GPL-2.0-only */
/* snapshot_tables.h - the fields of each kind of record, for snapshot_rows.c. */
#pragma once

#include "report/snapshot_fields.h"

extern const struct snapshot_field snapshot_tables_look[]; /* of struct world itself */
extern const struct snapshot_field snapshot_tables_thread[];
extern const struct snapshot_field snapshot_tables_file[];
extern const struct snapshot_field snapshot_tables_lock[];
extern const struct snapshot_field snapshot_tables_fd[];
extern const struct snapshot_field snapshot_tables_process[];
extern const struct snapshot_field snapshot_tables_mapper[];
extern const struct snapshot_field snapshot_tables_kernel_wait[];
extern const struct snapshot_field snapshot_tables_frame[];
extern const struct snapshot_field snapshot_tables_trace[];
extern const struct snapshot_field snapshot_tables_stack[];
extern const struct snapshot_field snapshot_tables_memory[];
extern const struct snapshot_field snapshot_tables_blind[];
extern const struct snapshot_field snapshot_tables_site[];
extern const struct snapshot_field snapshot_tables_birth[];
extern const struct snapshot_field snapshot_tables_word[];
extern const struct snapshot_field snapshot_tables_stitch[];
extern const struct snapshot_field snapshot_tables_go_process[];
extern const struct snapshot_field snapshot_tables_go_wait[];
extern const struct snapshot_field snapshot_tables_go_site[];
