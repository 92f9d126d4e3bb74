//! Accounts that are deleted, as their person, those whom they leave and operators see it.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Answer, Backend, Person, Server, ServerOptions, on_each_backend};
use futures_util::future::join_all;
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    an_account_is_deleted_and_history_stays,
    the_last_admin_cannot_delete_the_account,
    whoever_is_deleted_is_in_no_group_that_is_made_meanwhile,
    what_is_asked_for_meanwhile_leaves_no_way_in,
);

mod of_the_binary {
    use super::*;

    on_each_backend!([sqlite, postgres]
        wrong_passwords_are_limited_like_log_ins,
        operators_delete_accounts,
        a_server_that_is_killed_half_way_goes_on_after_its_start,
    );
}

async fn delete(person: &Person, password: &str) -> Answer {
    person.call("DELETE", "/api/v1/users/me", &json!({ "current_password": password })).await
}

async fn an_account_is_deleted_and_history_stays(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "host").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    ada.say(&group, "hello, all").await;
    let pair = json!({ "participant_ids": [ben.id] });
    let direct = ada.post("/api/v1/conversations", &pair).await.expect(201);
    let direct = direct["id"].as_str().unwrap();
    ada.say(direct, "between us").await;
    let elsewhere = Person::log_in(server.api(), &ada.email, &ada.password).await;

    let refused = delete(&ada, "not the password").await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/current_password");
    ada.call("DELETE", "/api/v1/users/me", &json!({})).await.expect(422);
    delete(&ada, &ada.password).await.expect(204);
    // Whoever has lost the answer and asks again learns that it is done.
    assert_eq!(delete(&ada, &ada.password).await.expect(401)["code"], "invalid_token");
    for session in [&ada, &elsewhere] {
        session.get("/api/v1/users/me").await.expect(401);
        let token = json!({ "refresh_token": session.refresh_token });
        session.api.post("/api/v1/auth/token/refresh", &token).await.expect(401);
    }
    let credentials = json!({ "email": ada.email, "password": ada.password });
    ada.api.post("/api/v1/auth/token", &credentials).await.expect(401);

    let said = ben.read_all(&group, 100).await;
    let kinds: Vec<_> = said.iter().map(|message| message["kind"].as_str().unwrap_or_default()).collect();
    assert_eq!(said[0]["body"], "hello, all");
    assert_eq!(kinds.len(), 3, "that she owned it, and that she left: {kinds:?}");
    for message in said.iter().chain(&ben.read_all(direct, 100).await) {
        let name = json!({ "id": ada.id, "first_name": "Deleted", "last_name": "user", "deleted": true });
        assert_eq!(message["sender"], name);
    }
    let view = ben.get(&format!("/api/v1/conversations/{group}")).await.expect(200);
    assert_eq!(view["participants"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&view["participants"][0]["user"]["id"], &view["participants"][0]["membership"]),
        (&json!(ben.id), &json!("owner"))
    );
    let send = json!({ "body": "are you there?" });
    let refused = ben.post(&format!("/api/v1/conversations/{direct}/messages"), &send).await.expect(409);
    assert_eq!(refused["code"], "conversation_closed");
    let events = ben.get(&format!("/api/v1/conversations/{direct}/events?after=1")).await.expect(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 2, "who catches up learns that it is closed: {events}");
    let add = json!({ "user_ids": [ada.id] });
    ben.post(&format!("/api/v1/conversations/{group}/participants"), &add).await.expect(422);

    let again = server.api().sign_up("ada").await;
    assert_ne!(again.id, ada.id);
    assert_eq!(again.get("/api/v1/conversations").await.expect(200)["items"], json!([]));
    let admin = server.person("root", "admin").await;
    let standing = format!("/api/v1/users/{}/standing", ada.id);
    admin.call("PATCH", &standing, &json!({ "active": true })).await.expect(404);
}

async fn the_last_admin_cannot_delete_the_account(backend: Backend) {
    let server = Server::start(backend).await;
    let (root, toor) = (server.person("root", "admin").await, server.person("toor", "admin").await);
    let (one, other) = tokio::join!(delete(&root, &root.password), delete(&toor, &toor.password));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{} {}", one.text, other.text);
    let left = if one.status == 409 { &root } else { &toor };
    assert_eq!(delete(left, &left.password).await.expect(409)["code"], "last_admin");
    left.get("/api/v1/users/me").await.expect(200);
}

async fn whoever_is_deleted_is_in_no_group_that_is_made_meanwhile(backend: Backend) {
    let server = Server::with(backend, ServerOptions::cheap_passwords()).await;
    let hosts = [server.person("ben", "host").await, server.person("eve", "host").await];
    for round in 0..5 {
        let ada = server.api().sign_up(&format!("ada{round}")).await;
        let open = hosts[0].create_group("open", &[]).await;
        let group = json!({ "participant_ids": [ada.id], "kind": "group" });
        let pair = json!({ "participant_ids": [ada.id] });
        let add = json!({ "user_ids": [ada.id] });
        let path = format!("/api/v1/conversations/{open}/participants");
        let makers = hosts.iter().map(|host| async {
            for _ in 0..5 {
                host.post("/api/v1/conversations", &group).await;
                host.post("/api/v1/conversations", &pair).await;
            }
        });
        let adding = async {
            hosts[0].post(&path, &add).await;
        };
        let ((), deleted, _) = tokio::join!(adding, delete(&ada, &ada.password), join_all(makers));
        deleted.expect(204);
        for host in &hosts {
            let list = host.get("/api/v1/conversations?limit=100&include=participants").await.expect(200);
            for conversation in list["items"].as_array().unwrap() {
                if conversation["kind"] == "direct" {
                    let send = json!({ "body": "?" });
                    let path = format!("/api/v1/conversations/{}/messages", conversation["id"].as_str().unwrap());
                    host.post(&path, &send).await.expect(409);
                } else {
                    assert!(!conversation["participants"].to_string().contains(&ada.id), "{conversation}");
                }
            }
        }
    }
}

async fn what_is_asked_for_meanwhile_leaves_no_way_in(backend: Backend) {
    let server = Server::with(backend, ServerOptions::cheap_passwords()).await;
    let ben = server.person("ben", "host").await;
    for round in 0..5 {
        let ada = server.api().sign_up(&format!("ada{round}")).await;
        let group = ben.create_group("a group", &[&ada]).await;
        let elsewhere = Person::log_in(server.api(), &ada.email, &ada.password).await;
        let credentials = json!({ "email": ada.email, "password": ada.password });
        let changed = "another good password";
        let change = json!({ "current_password": ada.password, "new_password": changed });
        let send = async {
            let mut sent = 0;
            for _ in 0..10 {
                let path = format!("/api/v1/conversations/{group}/messages");
                sent += usize::from(elsewhere.post(&path, &json!({ "body": "x" })).await.status == 201);
            }
            sent
        };
        let log_ins = join_all((0..5).map(|_| ada.api.post("/api/v1/auth/token", &credentials)));
        let token = json!({ "refresh_token": elsewhere.refresh_token });
        let refreshes = join_all((0..5).map(|_| ada.api.post("/api/v1/auth/token/refresh", &token)));
        let changing = elsewhere.call("PUT", "/api/v1/users/me/password", &change);
        let (deleted, sent, pairs, more, _) =
            tokio::join!(delete(&ada, &ada.password), send, log_ins, refreshes, changing);
        // Where the password was changed before that, it is the wrong one, or the session is over.
        if deleted.status != 204 {
            assert!(matches!(deleted.status, 401 | 422), "{}", deleted.text);
            let ada = Person::log_in(server.api(), &ada.email, changed).await;
            delete(&ada, changed).await.expect(204);
        }
        let tokens = pairs.iter().chain(&more).filter(|answer| answer.status == 200).map(|answer| &answer.json);
        for pair in tokens {
            let token = pair["access_token"].as_str().unwrap().to_owned();
            Person { token, ..ada.clone() }.get("/api/v1/users/me").await.expect(401);
            let token = json!({ "refresh_token": pair["refresh_token"] });
            ada.api.post("/api/v1/auth/token/refresh", &token).await.expect(401);
        }
        for password in [&ada.password, changed] {
            let credentials = json!({ "email": ada.email, "password": password });
            ada.api.post("/api/v1/auth/token", &credentials).await.expect(401);
        }
        let said = ben.read_all(&group, 100).await;
        let texts = said.iter().filter(|message| message["body"] == "x").count();
        assert_eq!(texts, sent, "what was acknowledged is there, and nothing else");
        let seqs: Vec<u64> = said.iter().map(|message| message["seq"].as_u64().unwrap()).collect();
        assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
    }
}

async fn wrong_passwords_are_limited_like_log_ins(backend: Backend) {
    let limit = ServerOptions::default().set("CONFAB__RATE_LIMIT__LOG_IN_FAILURES", "3/60s");
    let server = Server::with(backend, limit).await;
    let ada = server.api().sign_up("ada").await;
    let change = json!({ "current_password": "not the password", "new_password": "another good password" });
    for _ in 0..2 {
        delete(&ada, "not the password").await.expect(422);
    }
    ada.call("PUT", "/api/v1/users/me/password", &change).await.expect(422);
    ada.call("PUT", "/api/v1/users/me/password", &change).await.expect(429);
    let refused = delete(&ada, &ada.password).await.expect(429);
    assert_eq!(refused["code"], "too_many_requests");
    let audit = ada.get("/api/v1/users/me/audit").await.expect(200);
    let kinds: Vec<&Value> = audit["items"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds[..3], ["log_in_failed"; 3]);
}

async fn operators_delete_accounts(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "host").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    let output = server.run(&["user", "delete", "nobody@example.org"], "");
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("no such user"));
    let output = server.run(&["user", "delete", &ada.email], "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{} deleted\n", ada.id));
    let credentials = json!({ "email": ada.email, "password": ada.password });
    ada.api.post("/api/v1/auth/token", &credentials).await.expect(401);
    let view = ben.get(&format!("/api/v1/conversations/{group}")).await.expect(200);
    assert_eq!(view["participants"].as_array().unwrap().len(), 1);
    server.run(
        &["user", "create", "--role", "admin", "--email", "root@example.org", "--first-name", "r", "--last-name", "t"],
        "a good password, and long\n",
    );
    let output = server.run(&["user", "delete", "root@example.org"], "");
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("the last admin"));
}

/// How many groups somebody is in, of the first hundred of somebody else's.
async fn shared(person: &Person, with: &Person) -> usize {
    let path = format!("/api/v1/conversations?limit=100&participant_id={}", with.id);
    person.get(&path).await.expect(200)["items"].as_array().unwrap().len()
}

async fn a_server_that_is_killed_half_way_goes_on_after_its_start(backend: Backend) {
    const GROUPS: usize = 90;
    let mut server = Server::with(backend, ServerOptions::cheap_passwords()).await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "host").await);
    let mut groups = Vec::new();
    for _ in 0..GROUPS {
        groups.push(ada.create_group("Engines", &[&ben]).await);
    }
    assert_eq!(shared(&ben, &ada).await, GROUPS);
    let leaves = async { while shared(&ben, &ada).await == GROUPS {} };
    let deleting = ada.request("DELETE", "/api/v1/users/me").json(&json!({ "current_password": ada.password })).send();
    let answer = tokio::select! {
        () = leaves => None,
        answer = deleting => Some(answer.unwrap().status()),
    };
    let left = shared(&ben, &ada).await;
    server.process().signal("KILL");
    server.process().wait();
    println!("killed when {left} of {GROUPS} groups were still to leave; the answer was {answer:?}");
    server.restart();
    let ben = Person { api: server.api(), ..ben };
    let begun = std::time::Instant::now();
    while shared(&ben, &ada).await > 0 {
        assert!(begun.elapsed().as_secs() < 60, "{} groups are not left", shared(&ben, &ada).await);
    }
    for group in groups {
        let view = ben.get(&format!("/api/v1/conversations/{group}")).await.expect(200);
        let participants = view["participants"].as_array().unwrap();
        assert_eq!((participants.len(), &participants[0]["membership"]), (1, &json!("owner")));
        // That he was given it, and that she left: once each.
        assert_eq!(ben.read_all(&group, 100).await.len(), 2);
    }
    let credentials = json!({ "email": ada.email, "password": ada.password });
    ben.api.post("/api/v1/auth/token", &credentials).await.expect(401);
}
