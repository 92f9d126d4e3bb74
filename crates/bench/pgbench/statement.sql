-- A message as the product sends it, but one at a time and in one statement: whether the sender takes part, the
-- conversation's next seq under its lock, the message with its tokens for the search. `first` comes with -D, another for each
-- run.
\set first :first + 1
\set group random(0, 399)
\set rest :group % 13
\set start 182 * (:group / 13) + 8 * :rest + :rest * (:rest - 1) / 2
\set conversation 100000000000 + :group
\set sender 200000000000 + (:start + random(0, 7 + :rest)) * 97 % 256
\set random random(1000000000000000000, 8999999999999999999)
WITH moved AS (
    UPDATE conversations
    SET last_seq = last_seq + 1,
        version = version + 1,
        last_activity_at = greatest(last_activity_at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    WHERE id = ('01980000-0000-7000-8000-' || :conversation::text)::uuid
      AND EXISTS (
        SELECT FROM participants
        WHERE conversation_id = ('01980000-0000-7000-8000-' || :conversation::text)::uuid
          AND user_id = ('01980000-0000-7000-8000-' || :sender::text)::uuid
      )
    RETURNING id, last_seq, version, last_activity_at
)
INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body, search_tokens)
SELECT (:first::text || :random::text)::uuid,
       id,
       last_seq,
       version,
       ('01980000-0000-7000-8000-' || :sender::text)::uuid,
       last_activity_at,
       'pgb-' || :first::text || :random::text,
       rpad('Message ' || :first::text || :random::text || ': ', 120, 'x'),
       'message ' || :first::text || :random::text || ' ' || repeat('x', 40)
FROM moved;
