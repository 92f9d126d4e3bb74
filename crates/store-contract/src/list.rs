//! The list of all cases.

/// Makes each of the [`cases`](crate::cases) a test. Takes the path of an `async fn() -> (Storage, Guard)` that
/// gives fresh, empty storage, anything that is an [`Adapter`](crate::Adapter) or can be turned into one; the guard, of whatever type, is dropped when the case is over.
#[macro_export]
macro_rules! suite {
    ($fresh:path) => {
        $crate::suite! { @cases $fresh;
            users:
                users_come_back,
                users_come_back_at_their_limits,
                names_come_back_byte_for_byte,
                an_email_is_found_in_any_case_and_kept_as_written,
                find_many_finds_each_known_user_once,
                a_user_is_updated_and_keeps_the_password,
                a_password_is_replaced_and_nothing_else,
                accounts_are_listed_and_filtered,
                an_address_that_is_taken_is_left_alone;
            people:
                people_know_those_whom_they_talk_with,
                people_are_found_where_they_allow_it;
            blocks:
                a_block_is_its_maker_s,
                who_can_be_blocked,
                blocks_are_paged_both_ways,
                blocks_at_once_are_one,
                blocks_go_with_an_account,
                nothing_is_said_where_one_has_blocked_the_other,
                whoever_has_blocked_is_as_if_not_there,
                a_third_brings_two_together,
                nothing_is_sent_after_a_block,
                a_block_and_a_start_wait_for_each_other;
            reports:
                reports_come_back,
                reports_are_listed_by_state,
                a_message_is_reported_once_by_each,
                comments_go_with_their_reporter,
                reports_are_made_while_accounts_are_deleted_and_blocked;
            sessions:
                a_session_leads_to_its_user,
                a_session_s_user_is_as_last_committed,
                sessions_are_listed_and_come_back,
                a_rotation_replaces_the_token_and_keeps_the_one_before,
                a_token_that_was_replaced_ends_its_session,
                sessions_end_one_by_one_and_all_but_one,
                sessions_are_touched_and_removed_when_they_expire,
                an_expired_or_unknown_token_finds_nothing,
                a_rotation_without_commit_never_happened,
                all_sessions_end_but_the_one_that_is_kept;
            audit:
                audit_entries_come_back,
                the_audit_is_read_in_pages,
                an_audit_entry_shares_the_fate_of_its_transaction,
                failed_log_ins_are_counted;
            mails:
                a_mail_waits_until_it_is_settled,
                an_address_has_one_mail_of_each_kind,
                mails_are_claimed_in_their_order,
                a_claim_that_was_lost_settles_nothing,
                no_mail_is_claimed_twice,
                a_token_is_good_once_for_its_purpose,
                a_token_is_bound_to_its_address,
                one_of_sixteen_uses_of_a_mailed_token_succeeds,
                a_user_s_tokens_are_forgotten_by_purpose,
                what_is_settled_or_expired_is_forgotten;
            deletion:
                a_deleted_user_comes_back_as_one,
                departures_are_noted_and_done_with,
                what_there_is_to_leave_is_listed,
                origins_are_forgotten,
                mails_to_an_address_are_forgotten,
                whoever_is_joining_is_not_deleted_meanwhile;
            export:
                all_that_is_one_s_own_is_read_in_pages,
                what_is_of_others_is_not_read;
            conversations:
                conversations_come_back,
                conversations_come_back_at_their_limits,
                participants_come_back,
                a_direct_conversation_is_found_by_its_pair,
                updates_replace_one_row,
                a_list_shows_the_first_participants_and_counts_all,
                participants_are_in_the_order_of_their_ids,
                a_view_tells_the_newest_message_and_what_is_unread;
            messages:
                messages_come_back,
                messages_come_back_at_their_limits,
                messages_of_every_kind_come_back,
                a_message_is_found_in_its_own_conversation_only,
                neighbouring_microseconds_are_told_apart;
            read_state:
                read_state_follows_a_model,
                cursors_that_move_at_once_keep_their_order,
                counts_end_at_a_hundred,
                readers_are_paged_both_ways;
            interleavings:
                everyone_sees_what_a_model_says,
                whatever_happens_at_once_is_one_history;
            message_changes:
                an_answer_shows_how_the_other_message_begins,
                whoever_takes_part_is_mentioned,
                an_edit_keeps_what_was_said_before,
                of_twenty_edits_of_one_text_one_succeeds,
                a_deleted_message_leaves_its_place_alone,
                a_retry_finds_what_became_of_the_message,
                a_message_is_hidden_from_one_reader_alone,
                what_is_hidden_is_not_unread,
                reactions_are_counted_and_listed,
                reactions_at_once_are_all_counted,
                a_page_around_a_message_has_both_sides,
                changes_are_told_with_the_message_as_it_is,
                a_stranger_finds_nothing_to_change;
            inspection:
                whoever_inspects_reads_until_it_ends,
                an_inspection_takes_an_admin_a_reason_and_a_time;
            former:
                whoever_has_left_reads_what_there_was,
                what_was_left_is_paged_both_ways,
                only_whoever_has_left_reads_on;
            search:
                a_search_finds_words_of_any_script,
                a_search_is_narrowed_down_by_operators,
                a_search_finds_nothing_of_others,
                a_search_meets_no_namesake,
                a_search_goes_through_thousands,
                what_is_found_is_paged_both_ways,
                what_is_gone_is_not_found;
            log:
                an_appended_message_is_there_for_every_reader,
                appended_messages_come_back_as_they_were_answered,
                a_key_finds_the_sender_s_own_message_in_that_conversation,
                whoever_may_not_send_leaves_no_trace,
                what_has_changed_since_the_last_message_decides,
                seqs_have_no_gap_under_sixty_four_senders,
                retries_at_once_are_one_message,
                a_refusal_touches_nobody_else,
                the_log_keeps_its_order_with_transactions,
                the_log_waits_for_a_transaction,
                whoever_goes_away_leaves_all_or_nothing;
            events:
                events_come_back,
                changes_are_messages_and_events_in_the_order_of_their_versions,
                changes_are_paged_by_version_without_a_gap,
                whoever_joins_sees_what_comes_after,
                changes_hide_from_strangers,
                changes_have_no_gap_while_others_write;
            memberships:
                participants_come_go_and_come_again,
                whoever_joins_sees_what_the_conversation_shows,
                everyone_can_be_removed_at_once,
                metadata_comes_back_and_is_replaced,
                a_list_is_filtered_by_what_the_viewer_has_set,
                an_admin_finds_what_is_not_deleted,
                participants_are_paged_both_ways,
                a_badge_is_silent_of_what_is_muted,
                a_place_that_is_not_there_is_not_removed;
            constraints:
                each_constraint_is_told_by_its_name,
                constraints_forbid_no_more_than_they_say,
                a_reference_to_nothing_is_refused,
                an_update_of_nothing_is_refused;
            transactions:
                nothing_is_seen_before_the_commit_and_all_of_it_after,
                without_a_commit_it_never_happened,
                a_transaction_without_writes_commits,
                an_error_ends_the_transaction,
                a_commit_after_an_error_is_refused,
                after_an_error_everything_is_refused,
                a_cancelled_transaction_lets_go_of_its_locks;
            concurrency:
                no_update_of_a_user_is_lost,
                no_change_of_a_password_is_lost,
                no_update_of_a_participant_is_lost,
                seqs_have_no_gap_under_sixteen_transactions,
                seqs_have_no_gap_under_sixteen_senders,
                a_follower_misses_nothing_while_others_send,
                sixteen_retries_of_one_key_are_one_message,
                sixteen_starts_of_a_direct_conversation_make_one,
                sixteen_registrations_of_one_address_make_one_account,
                sixteen_uses_of_a_refresh_token_leave_one_good_pair,
                a_read_cursor_never_goes_back;
            history:
                a_page_of_history_is_in_order_and_tells_what_lies_around_it,
                filters_and_orders_combine_in_both_directions,
                a_position_lies_anywhere_in_what_a_filter_admits_or_outside,
                a_history_is_stable_while_messages_arrive,
                a_page_has_as_many_messages_as_asked_for,
                an_empty_history_is_not_a_missing_one;
            listing:
                conversations_are_listed_by_activity_and_then_by_id,
                a_list_may_be_empty,
                activity_brings_a_conversation_to_the_start,
                a_list_is_in_order_over_hours,
                a_list_is_stable_while_conversations_become_active,
                a_list_is_filtered_by_participant_and_kind,
                a_list_is_filtered_by_text_in_the_title,
                the_conditions_of_a_list_combine;
            visibility:
                a_stranger_sees_nothing_of_a_conversation,
                a_stranger_finds_nothing_for_update,
                a_filter_by_participant_shows_only_shared_conversations,
                a_participant_sees_the_conversation;
            text:
                tricky_texts_come_back_byte_for_byte,
                every_character_comes_back,
                titles_come_back_byte_for_byte,
                irc_corpus_texts_come_back_byte_for_byte;
        }
    };
    (@cases $fresh:path; $($topic:ident: $($case:ident),+;)+) => {
        $($(
            #[test]
            fn $case() {
                $crate::__private::run($fresh, $crate::cases::$topic::$case);
            }
        )+)+
    };
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn no_case_is_left_out() {
        let list = include_str!("list.rs");
        let mut cases = 0;
        for file in Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cases").read_dir().unwrap() {
            let path = file.unwrap().path();
            let path = if path.is_dir() { path.join("mod.rs") } else { path };
            let source = std::fs::read_to_string(path).unwrap();
            for line in source.lines() {
                let Some((name, _)) = line.strip_prefix("pub async fn ").and_then(|rest| rest.split_once('(')) else {
                    continue;
                };
                assert!(
                    list.lines().any(|line| line.trim().trim_end_matches([',', ';']) == name),
                    "{name} is not listed"
                );
                cases += 1;
            }
        }
        assert!(cases > 50, "only {cases} cases were found");
    }
}
