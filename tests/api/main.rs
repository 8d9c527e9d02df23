//! The service as its callers see it: whole API Gateway events in, whole responses out, over a real DynamoDB engine.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails that way")]

mod any_order;
mod binary;
mod changes;
mod changing;
mod connections;
mod crawl;
mod created;
mod deleting;
mod dry_run;
mod errors;
mod events;
mod exactly_once;
mod hostile;
mod isolation;
mod list_end;
mod lists;
mod logs;
mod look_up;
mod openapi;
mod paging;
mod reading;
mod record_lists;
mod records;
mod renaming;
mod schedules;
mod size;
mod support;
mod sweeping;
mod template;
