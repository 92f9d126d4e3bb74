-- The bare row of a message, with its tokens for the search and its indexes and what it refers to, without a place that anybody
-- has given it: nothing is locked, nothing asked. `first` comes with -D, another for each run.
\set first :first + 1
\set group random(0, 399)
\set rest :group % 13
\set start 182 * (:group / 13) + 8 * :rest + :rest * (:rest - 1) / 2
\set conversation 100000000000 + :group
\set sender 200000000000 + (:start + random(0, 7 + :rest)) * 97 % 256
\set random random(1000000000000000000, 8999999999999999999)
\set seq :first * 1000 + :client_id
INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body, search_tokens)
VALUES ((:first::text || :random::text)::uuid,
        ('01980000-0000-7000-8000-' || :conversation::text)::uuid,
        :seq,
        :seq,
        ('01980000-0000-7000-8000-' || :sender::text)::uuid,
        (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
        'pgb-' || :first::text || :random::text,
        rpad('Message ' || :first::text || :random::text || ': ', 120, 'x'),
        'message ' || :first::text || :random::text || ' ' || repeat('x', 40));
