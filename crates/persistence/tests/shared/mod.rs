//! Tests that are the same on each database.

pub mod audit;
pub mod catching_up;
pub mod corruption;
pub mod deletion;
pub mod inventory;
pub mod log;
pub mod migrations;
pub mod search;

/// Makes each of them a test on a [`Place`](crate::support::Place).
macro_rules! on {
    ($place:ty) => {
        $crate::shared::on! { $place;
            migrations: up_and_down_and_up_again, what_was_blocked_before_is_known_to_its_conversation,
                messages_stay_as_they_are_where_their_table_is_made_anew, several_nodes_migrate_at_once,
                a_newer_schema_still_serves;
            corruption: rows_that_should_not_exist_are_named, what_was_kept_is_not_judged_by_today_s_limits,
                a_corrupt_row_ends_the_transaction;
            audit: what_was_written_stays;
            catching_up: what_is_read_is_marked_until_it_is_not,
                nothing_is_marked_that_is_unread_whatever_happens_at_once;
            search: what_was_said_before_the_index_is_found, what_is_taken_out_of_a_message_is_found_no_longer;
            inventory: every_column_is_in_the_inventory;
            deletion: whoever_has_a_history_is_not_deleted, nothing_tells_who_a_deleted_user_was;
            log: only_what_is_at_fault_fails, a_corrupt_row_fails_only_what_needs_it,
                a_flooded_conversation_neither_fills_the_queue_nor_holds_up_the_others,
                whoever_leaves_before_their_batch_begins_is_not_written,
                a_batch_that_ends_with_its_thread_holds_up_nobody, closing_keeps_what_was_taken;
        }
    };
    ($place:ty; $($topic:ident: $($test:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                let place = <$place as $crate::support::Place>::new().await;
                $crate::shared::$topic::$test(&place).await;
            }
        )+)+
    };
}
pub(crate) use on;
