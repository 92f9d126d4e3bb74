//! What the API does, as a front-end team would use it, on each kind of storage.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Person, Server, on_each_backend};
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    people_sign_up_log_in_and_change_their_profile,
    two_people_talk_and_read_back,
    a_direct_conversation_is_one_for_ever,
    groups_are_for_hosts,
    a_retry_is_the_same_message,
    history_pages_both_ways_and_filters,
    conversations_are_listed_by_activity_and_filtered,
    reading_moves_forward,
    what_is_unread_is_counted_and_who_has_read_is_told,
    messages_are_searched,
    refusals_of_the_router_are_problems,
);

fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().unwrap().clone()
}

fn seqs(page: &Value) -> Vec<u64> {
    items(page).iter().map(|message| message["seq"].as_u64().unwrap()).collect()
}

async fn people_sign_up_log_in_and_change_their_profile(backend: Backend) {
    let server = Server::start(backend).await;
    let api = server.api();
    let mut account = json!({
        "email": "Ada@Example.org", "password": "correct horse", "first_name": " Ada ", "last_name": "Lovelace",
        "phone_number": "+44 20 7946 0958",
    });
    let answer = api.post("/api/v1/auth/register", &account).await;
    assert_eq!(answer.header("location"), "/api/v1/users/me");
    let user = answer.expect(201);
    assert_eq!((&user["first_name"], &user["role"]), (&json!("Ada"), &json!("guest")));
    assert_eq!((&user["phone_number"], &user["email"]), (&json!("+442079460958"), &json!("Ada@Example.org")));

    account["email"] = json!("ADA@example.ORG");
    assert_eq!(api.post("/api/v1/auth/register", &account).await.expect(409)["code"], "email_taken");
    let faulty =
        json!({ "email": "ada", "password": "short", "first_name": "", "last_name": "x\ny", "phone_number": "1" });
    let problem = api.post("/api/v1/auth/register", &faulty).await.expect(422);
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/email", "/password", "/first_name", "/last_name", "/phone_number"]);

    let wrong = json!({ "email": "ada@example.org", "password": "wrong horse" });
    let unknown = json!({ "email": "nobody@example.org", "password": "wrong horse" });
    for credentials in [wrong, unknown] {
        assert_eq!(api.post("/api/v1/auth/token", &credentials).await.expect(401)["code"], "wrong_credentials");
    }
    let ada = confab_tests::Person::log_in(api, "ada@EXAMPLE.org", "correct horse").await;
    let me =
        ada.call("PATCH", "/api/v1/users/me", &json!({ "last_name": "King", "phone_number": null })).await.expect(200);
    assert_eq!(
        (&me["first_name"], &me["last_name"], &me["phone_number"]),
        (&json!("Ada"), &json!("King"), &Value::Null)
    );
    assert_eq!(ada.get("/api/v1/users/me").await.expect(200), me);
    ada.call("PATCH", "/api/v1/users/me", &json!({ "first_name": null })).await.expect(422);
    ada.call("PATCH", "/api/v1/users/me", &json!({ "role": "admin" })).await.expect(422);
}

async fn two_people_talk_and_read_back(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, brian) = (server.person("ada", "host").await, server.api().sign_up("brian").await);
    let answer = brian.post("/api/v1/conversations", &json!({ "participant_ids": [ada.id] })).await;
    let location = answer.header("location").to_owned();
    let conversation = answer.expect(201);
    assert_eq!((&conversation["kind"], &conversation["last_seq"]), (&json!("direct"), &json!(0)));
    let id = conversation["id"].as_str().unwrap();
    assert_eq!(location, format!("/api/v1/conversations/{id}"));

    let text = " Tea?\r\n\u{1}e\u{301}👩‍👩‍👧‍👦 \\ \"quoted\" ";
    let answer = ada.post(&format!("{location}/messages"), &json!({ "body": text })).await;
    let found = ada.get(answer.header("location")).await.expect(200);
    assert_eq!(answer.expect(201), found);
    let reply = brian.say(id, "Gladly.").await;
    assert_eq!((&reply["seq"], &reply["sender"]["first_name"]), (&json!(2), &json!("brian")));

    let detail = ada.get(&location).await.expect(200);
    assert_eq!(
        (&detail["unread_count"], &detail["version"], &detail["participant_count"]),
        (&json!(1), &json!(2), &json!(2))
    );
    assert_eq!(detail["last_message"], reply);
    assert_eq!(detail["messages"], json!([reply, found]));
    assert_eq!(found["body"], text);
    let stranger = server.api().sign_up("stranger").await;
    assert_eq!(stranger.get(&location).await.expect(404)["code"], "conversation_not_found");
    assert_eq!(stranger.post(&format!("{location}/messages"), &json!({ "body": "x" })).await.status, 404);
    assert!(items(&stranger.get("/api/v1/conversations").await.expect(200)).is_empty());
}

async fn a_direct_conversation_is_one_for_ever(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, brian) = (server.person("ada", "host").await, server.person("brian", "host").await);
    let (from_ada, from_brian) =
        (json!({ "participant_ids": [brian.id] }), json!({ "participant_ids": [ada.id, brian.id] }));
    let race = (0..16).map(|n| {
        let (person, body) = if n % 2 == 0 { (&ada, &from_ada) } else { (&brian, &from_brian) };
        person.post("/api/v1/conversations", body)
    });
    let answers = futures_util::future::join_all(race).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let first = answers[0].json["id"].clone();
    assert!(answers.iter().all(|answer| answer.status < 300 && answer.json["id"] == first));

    let guest = server.api().sign_up("guest").await;
    let other = server.api().sign_up("other").await;
    let missing = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20";
    for id in [other.id.as_str(), missing] {
        let problem = guest.post("/api/v1/conversations", &json!({ "participant_ids": [id] })).await.expect(422);
        assert_eq!(problem["errors"][0]["code"], "user_unavailable");
        assert_eq!(problem["errors"][0]["pointer"], "/participant_ids/0");
    }
    ada.post("/api/v1/conversations", &json!({ "participant_ids": [ada.id], "kind": "direct" })).await.expect(422);
}

async fn groups_are_for_hosts(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, guest) = (server.person("ada", "host").await, server.api().sign_up("guest").await);
    let group = json!({ "participant_ids": [guest.id], "title": "Engines" });
    let created = ada.post("/api/v1/conversations", &group).await.expect(201);
    assert_eq!((&created["kind"], &created["title"]), (&json!("group"), &json!("Engines")));
    let owner =
        created["participants"].as_array().unwrap().iter().find(|found| found["user"]["id"] == json!(ada.id)).unwrap();
    assert_eq!(owner["membership"], "owner");
    assert!(!created.to_string().contains("example.org"), "an e-mail address in {created}");
    let refused = json!({ "participant_ids": [ada.id], "title": "Mine" });
    assert_eq!(guest.post("/api/v1/conversations", &refused).await.expect(403)["code"], "role_too_low");
    let twice = json!({ "participant_ids": [guest.id, guest.id, "x"], "title": "Engines" });
    let problem = ada.post("/api/v1/conversations", &twice).await.expect(422);
    let found: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect();
    assert_eq!(found, [("/participant_ids/1", "duplicate"), ("/participant_ids/2", "malformed")]);
}

async fn a_retry_is_the_same_message(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = server.person("ada", "host").await;
    let group = ada.create_group("Notes", &[]).await;
    let path = format!("/api/v1/conversations/{group}/messages");
    let message = json!({ "body": "once", "client_message_id": "k-1" });
    let answers = futures_util::future::join_all((0..16).map(|_| ada.post(&path, &message))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| answer.status < 300 && answer.json == answers[0].json));

    let header =
        |key: &str, body: &Value| ada.api.send(ada.request("POST", &path).header("Idempotency-Key", key).json(body));
    assert_eq!(header("k-1", &json!({ "body": "once" })).await.unwrap().expect(200), answers[0].json);
    assert_eq!(header("\"k-1\"", &json!({ "body": "once" })).await.unwrap().expect(200), answers[0].json);
    let problem = header("k-2", &message).await.unwrap().expect(422);
    assert_eq!(
        (&problem["errors"][0]["in"], &problem["errors"][0]["pointer"]),
        (&json!("header"), &json!("/idempotency-key"))
    );
    let other = json!({ "body": "twice", "client_message_id": "k-1" });
    assert_eq!(ada.post(&path, &other).await.expect(409)["code"], "client_message_id_reused");
    assert_eq!(ada.read_all(&group, 100).await.len(), 1);
}

async fn history_pages_both_ways_and_filters(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, brian) = (server.person("ada", "host").await, server.api().sign_up("brian").await);
    let group = ada.create_group("Engines", &[&brian]).await;
    let mut sent = Vec::new();
    for n in 1..=7 {
        let person = if n % 2 == 0 { &brian } else { &ada };
        sent.push(person.say(&group, &format!("message {n}")).await);
    }
    let path = format!("/api/v1/conversations/{group}/messages");
    let first = ada.get(&format!("{path}?limit=3")).await;
    assert_eq!(seqs(&first.json), [7, 6, 5]);
    let link = first.header("link").to_owned();
    let next = link.split(['<', '>']).nth(1).unwrap();
    assert!(link.ends_with("; rel=\"next\"") && next.starts_with(&path), "{link}");
    let second = ada.get(next).await.expect(200);
    assert_eq!(seqs(&second), [4, 3, 2]);
    let back =
        ada.get(&format!("{path}?limit=3&cursor={}", second["previous_cursor"].as_str().unwrap())).await.expect(200);
    assert_eq!((seqs(&back), &back["previous_cursor"]), (vec![7, 6, 5], &Value::Null));
    let last = ada.get(&format!("{path}?limit=3&cursor={}", second["next_cursor"].as_str().unwrap())).await.expect(200);
    assert_eq!((seqs(&last), &last["next_cursor"]), (vec![1], &Value::Null));

    let fifth = sent[4]["sent_at"].as_str().unwrap();
    for (query, expected) in [
        ("order=oldest_first&after_seq=5".to_owned(), vec![6, 7]),
        ("after_seq=2&before_seq=5".to_owned(), vec![4, 3]),
        (format!("sender_id={}", brian.id), vec![6, 4, 2]),
        (format!("sent_from={fifth}&order=oldest_first"), vec![5, 6, 7]),
        (format!("sent_before={fifth}&limit=2"), vec![4, 3]),
        (format!("sender_id={}", "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20"), vec![]),
    ] {
        assert_eq!(seqs(&ada.get(&format!("{path}?{query}")).await.expect(200)), expected, "{query}");
    }
    for (query, pointer) in [
        ("limit=101", "/limit"),
        ("limit=0", "/limit"),
        ("limit=x", "/limit"),
        ("cursor=x", "/cursor"),
        ("offset=5", "/offset"),
        ("order=up", "/order"),
        ("after_seq=-1", "/after_seq"),
        ("sender_id=me", "/sender_id"),
        ("sent_from=now", "/sent_from"),
        ("limit=1&limit=2", "/limit"),
    ] {
        let problem = ada.get(&format!("{path}?{query}")).await.expect(422);
        assert_eq!(
            (&problem["errors"][0]["pointer"], &problem["errors"][0]["in"]),
            (&json!(pointer), &json!("query")),
            "{problem}"
        );
    }
}

async fn conversations_are_listed_by_activity_and_filtered(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, brian) = (server.person("ada", "host").await, server.api().sign_up("brian").await);
    let first = ada.create_group("École d'été", &[&brian]).await;
    let second = ada.create_group("100% sure_", &[]).await;
    let direct = brian.post("/api/v1/conversations", &json!({ "participant_ids": [ada.id] })).await.expect(201);
    ada.say(&first, "up again").await;
    let direct = direct["id"].as_str().unwrap();
    let list = async |query: &str| -> Vec<String> {
        let page = ada.get(&format!("/api/v1/conversations?{query}")).await.expect(200);
        items(&page).iter().map(|found| found["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(list("").await, [&first, direct, &second]);
    assert_eq!(list("kind=group").await, [&*first, &*second]);
    assert_eq!(list("kind=direct").await, [direct]);
    assert_eq!(list(&format!("participant_id={}", brian.id)).await, [&*first, direct]);
    assert_eq!(list("title=%C3%89T%C3%89").await, [&*first]);
    assert_eq!(list("title=%25").await, [&*second]);
    assert_eq!(list("title=e_").await, [&*second]);
    assert!(list("title=_u").await.is_empty());
    assert_eq!(list("limit=1").await, [&*first]);
    ada.get("/api/v1/conversations?title=%00").await.expect(422);

    let page = ada.get("/api/v1/conversations?limit=2").await.expect(200);
    let next = ada
        .get(&format!("/api/v1/conversations?limit=2&cursor={}", page["next_cursor"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(items(&next).len(), 1);
    let seen = items(&brian.get("/api/v1/conversations").await.expect(200));
    assert_eq!((&seen[0]["unread_count"], &seen[0]["last_message"]["body"]), (&json!(1), &json!("up again")));
}

async fn reading_moves_forward(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, brian) = (server.person("ada", "host").await, server.api().sign_up("brian").await);
    let group = ada.create_group("Engines", &[&brian]).await;
    for n in 0..3 {
        ada.say(&group, &n.to_string()).await;
    }
    let path = format!("/api/v1/conversations/{group}/read");
    let state = |last: u64, unread: u64| json!({ "last_read_seq": last, "last_delivered_seq": last.max(2), "unread_count": unread, "unread_capped": false });
    assert_eq!(brian.call("PUT", &path, &json!({ "seq": 2 })).await.expect(200), state(2, 1));
    assert_eq!(brian.call("PUT", &path, &json!({ "seq": 1 })).await.expect(200), state(2, 1));
    let problem = brian.call("PUT", &path, &json!({ "seq": 4 })).await.expect(422);
    assert_eq!(
        (&problem["errors"][0]["pointer"], &problem["errors"][0]["message"]),
        (&json!("/seq"), &json!("must be from 0 to 3"))
    );
    brian.say(&group, "mine").await;
    assert_eq!(brian.call("PUT", &path, &json!({ "seq": 0 })).await.expect(200), state(4, 0));
    assert_eq!(ada.call("PUT", &path, &json!({ "seq": 0 })).await.expect(200), state(3, 1));
}

async fn what_is_unread_is_counted_and_who_has_read_is_told(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, brian) = (server.person("ada", "host").await, server.api().sign_up("brian").await);
    let (cleo, group) = (server.api().sign_up("cleo").await, ada.create_group("Quiet", &[&brian]).await);
    let busy = ada.create_group("Busy", &[&brian, &cleo]).await;
    let first = ada.say(&busy, "1").await;
    for n in 2..=100 {
        ada.say(&busy, &n.to_string()).await;
    }
    let badge = async |person: &Person| {
        let badge = person.get("/api/v1/users/me/unread").await.expect(200);
        (badge["unread_count"].as_u64().unwrap(), badge["unread_capped"].as_bool().unwrap())
    };
    let to = async |person: &Person, cursor: &str, seq: u64| {
        let path = format!("/api/v1/conversations/{busy}/{cursor}");
        let state = person.call("PUT", &path, &json!({ "seq": seq })).await.expect(200);
        ["last_read_seq", "last_delivered_seq", "unread_count"].map(|name| state[name].as_u64().unwrap())
    };
    assert_eq!((badge(&ada).await, badge(&brian).await), ((0, false), (100, true)));
    assert_eq!(to(&brian, "read", 1).await, [1, 1, 99]);
    assert_eq!(badge(&brian).await, (99, false));
    ada.say(&group, "more").await;
    assert_eq!(badge(&brian).await, (100, true));
    assert_eq!(to(&brian, "delivered", 50).await, [1, 50, 99]);
    assert_eq!(to(&brian, "delivered", 20).await, [1, 50, 99]);

    let readers = format!("/api/v1/conversations/{busy}/messages/{}/readers", first["id"].as_str().unwrap());
    let names = async |query: &str| -> Vec<String> {
        let page = ada.get(&format!("{readers}{query}")).await.expect(200);
        items(&page).iter().map(|user| user["first_name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("").await, ["brian"]);
    assert_eq!(to(&cleo, "read", 100).await, [100, 100, 0]);
    assert_eq!(names("").await, ["brian", "cleo"]);
    let page = ada.get(&format!("{readers}?limit=1")).await.expect(200);
    let next = format!("?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(
        (items(&page)[0]["first_name"].as_str().unwrap(), names(&next).await),
        ("brian", vec!["cleo".to_owned()])
    );

    let all = brian.post("/api/v1/conversations/read-all", &Value::Null).await.expect(200);
    assert_eq!(all, json!({ "conversation_count": 2 }));
    assert_eq!(badge(&brian).await, (0, false));
    assert_eq!(to(&brian, "unread", 98).await, [97, 100, 3]);
    assert_eq!(to(&brian, "unread", 99).await, [97, 100, 3]);
    assert_eq!((badge(&brian).await, names("").await), ((3, false), vec!["brian".to_owned(), "cleo".to_owned()]));
    assert_eq!(to(&brian, "unread", 1).await, [0, 100, 100]);
    assert_eq!(names("").await, ["cleo"]);
    let path = format!("/api/v1/conversations/{busy}/unread");
    for seq in [0, 101] {
        let problem = brian.call("PUT", &path, &json!({ "seq": seq })).await.expect(422);
        assert_eq!(problem["errors"][0]["message"], "must be from 1 to 100");
    }
}

async fn messages_are_searched(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, brian) = (server.person("ada", "host").await, server.api().sign_up("brian").await);
    let group = ada.create_group("Engines", &[&brian]).await;
    let other = ada.create_group("Own", &[]).await;
    for n in 0..5 {
        ada.say(&group, &format!("👩‍👩‍👧 The {n}th Analytical engine")).await;
    }
    ada.say(&other, "the engine, alone").await;
    brian.say(&group, "我在中国 the engine").await;
    let find = async |person: &Person, query: &str| person.get(&format!("/api/v1/search?{query}")).await.expect(200);
    let found = find(&brian, "q=ENG+the&limit=4").await;
    assert_eq!(items(&found)[0]["message"]["body"], "我在中国 the engine");
    assert_eq!(items(&found)[0]["highlights"], json!([{ "start": 5, "end": 8 }, { "start": 9, "end": 15 }]));
    assert_eq!(items(&found)[1]["highlights"], json!([{ "start": 6, "end": 9 }, { "start": 25, "end": 31 }]));
    let rest = find(&brian, &format!("q=ENG+the&limit=4&cursor={}", found["next_cursor"].as_str().unwrap())).await;
    assert_eq!((items(&rest).len(), &rest["next_cursor"]), (2, &Value::Null));
    assert_eq!(items(&find(&ada, "q=engine").await).len(), 7);
    for (query, count) in [
        ("q=%E4%B8%AD%E5%9B%BD".to_owned(), 1),
        (format!("q=engine+in:{other}"), 1),
        (format!("q=engine+from:{}", brian.id), 1),
        ("q=%22analytical+engine%22".to_owned(), 5),
        ("q=engine+before:2000-01-01".to_owned(), 0),
    ] {
        assert_eq!(items(&find(&ada, &query).await).len(), count, "{query}");
    }
    assert_eq!(items(&find(&brian, &format!("q=engine+in:{other}")).await).len(), 0);
    for (query, pointer) in
        [("", "/q"), ("q=", "/q"), ("q=%2C", "/q"), ("q=x+from:ada", "/q"), ("q=x&limit=0", "/limit"), ("q=%00", "/q")]
    {
        let problem = ada.get(&format!("/api/v1/search?{query}")).await.expect(422);
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["in"]), (&json!(pointer), &json!("query")));
    }
}

async fn refusals_of_the_router_are_problems(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = server.api().sign_up("ada").await;
    assert_eq!(ada.get("/api/v1/nothing").await.expect(404)["code"], "route_not_found");
    let answer = ada.call("POST", "/api/v1/users/me", &json!({})).await;
    assert_eq!(answer.header("allow"), "GET, PATCH, DELETE, HEAD");
    assert_eq!(answer.expect(405)["code"], "method_not_allowed");
    let answer = ada.get("/api/v1/conversations/read-all").await;
    assert_eq!(answer.header("allow"), "POST", "a path that is spelled out is no conversation's");
    assert_eq!(answer.expect(405)["code"], "method_not_allowed");
    let problem = ada.get("/api/v1/conversations/me").await.expect(422);
    assert_eq!(
        (&problem["errors"][0]["in"], &problem["errors"][0]["pointer"]),
        (&json!("path"), &json!("/conversation_id"))
    );
    let problem = ada.get("/api/v1/users/me?verbose=1").await.expect(422);
    assert_eq!((&problem["errors"][0]["in"], &problem["errors"][0]["pointer"]), (&json!("query"), &json!("/verbose")));
    let lower_case =
        ada.api.request("GET", "/api/v1/users/me").header("Authorization", format!("bearer {}", ada.token));
    ada.api.send(lower_case).await.unwrap().expect(200);
    let echoed = ada.api.send(ada.request("GET", "/api/v1/users/me").header("X-Request-Id", "trace-42")).await.unwrap();
    assert_eq!(echoed.header("x-request-id"), "trace-42");
    let head = reqwest::Client::new().head(format!("{}/healthz", server.base())).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.bytes().await.unwrap().len()), (200, 0));
    ada.api.get("/healthz").await.expect(200);
    ada.api.get("/readyz").await.expect(200);
}
