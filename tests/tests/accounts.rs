//! The life of accounts, as a front-end team and operators see it, on each kind of storage.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::HashSet;

use confab_tests::{Answer, Api, Backend, Person, Server, on_each_backend};
use futures_util::future::join_all;
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    everyone_reads_what_happened_to_their_account,
    sessions_are_listed_and_ended,
    admins_change_the_standing_of_others,
    sixteen_refreshes_leave_one_good_pair,
    a_lost_answer_logs_nobody_out,
    a_stolen_refresh_token_ends_the_session,
);

fn kinds(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

async fn everyone_reads_what_happened_to_their_account(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = server.api().sign_up("ada").await;
    let wrong = json!({ "email": ada.email, "password": "a wrong guess" });
    for number in 0..12 {
        let request = ada.api.request("POST", "/api/v1/auth/token").json(&wrong);
        let request = request.header("X-Request-Id", format!("guess-{number}")).header("User-Agent", "guesser/1.0");
        ada.api.send(request).await.unwrap().expect(401);
    }
    server.api().sign_up("ben").await;
    let ada = Person::log_in(server.api(), &ada.email, &ada.password).await;

    let first = ada.get("/api/v1/users/me/audit?limit=2").await.expect(200);
    assert_eq!(kinds(&first), ["logged_in", "log_in_failed"]);
    let newest = &first["items"][0];
    assert_eq!((&newest["by"], &newest["address"]), (&json!("yourself"), &json!("127.0.0.1")));
    assert!(newest["session_id"].is_string());
    let failed = &first["items"][1];
    assert_eq!((&failed["by"], &failed["user_agent"]), (&json!("unknown"), &json!("guesser/1.0")));
    assert!(failed["request_id"].as_str().unwrap().starts_with("guess-"));

    let path = format!("/api/v1/users/me/audit?limit=100&cursor={}", first["next_cursor"].as_str().unwrap());
    let rest = ada.get(&path).await.expect(200);
    assert_eq!(kinds(&rest).last(), Some(&"logged_in"), "the first log-in");
    // Ten in a minute, and the guesses may lie in two.
    let told = 1 + kinds(&rest).iter().filter(|kind| **kind == "log_in_failed").count();
    assert!((10..=12).contains(&told), "{told}");
    assert_eq!(newest["after"], json!({ "failed_log_ins_before": "12" }));
    ada.get("/api/v1/users/me/audit?limit=0").await.expect(422);
    ada.get("/api/v1/users/me/audit?cursor=x").await.expect(422);
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn refresh(api: &Api, token: &str) -> Answer {
    api.post("/api/v1/auth/token/refresh", &json!({ "refresh_token": token })).await
}

async fn log_in_on(server: &Server, person: &Person, device: &str) -> Person {
    let log_in = json!({ "email": person.email, "password": person.password, "device_name": device });
    let tokens = server.api().post("/api/v1/auth/token", &log_in).await.expect(200);
    let (token, refresh_token) = (text(&tokens["access_token"]).to_owned(), text(&tokens["refresh_token"]).to_owned());
    Person { token, refresh_token, ..person.clone() }
}

async fn sessions_are_listed_and_ended(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = server.api().sign_up("ada").await;
    let ben = server.api().sign_up("ben").await;
    let phone = log_in_on(&server, &ada, " My telephone ").await;
    let tablet = log_in_on(&server, &ada, "Tablet").await;
    let laptop = log_in_on(&server, &ada, "Laptop").await;
    let faulty = json!({ "email": ada.email, "password": ada.password, "device_name": "two\nlines" });
    let problem = ada.api.post("/api/v1/auth/token", &faulty).await.expect(422);
    assert_eq!(problem["errors"][0]["pointer"], "/device_name");

    let page = phone.get("/api/v1/users/me/sessions?limit=3").await.expect(200);
    let sessions = page["items"].as_array().unwrap();
    let devices: Vec<_> = sessions.iter().map(|session| &session["device_name"]).collect();
    assert_eq!(devices, ["Laptop", "Tablet", "My telephone"]);
    let current: Vec<_> = sessions.iter().map(|session| &session["current"]).collect();
    assert_eq!(current, [false, false, true]);
    assert_eq!(sessions[0]["address"], "127.0.0.1");
    let next = format!("/api/v1/users/me/sessions?cursor={}", text(&page["next_cursor"]));
    assert_eq!(phone.get(&next).await.expect(200)["items"].as_array().unwrap().len(), 1);

    // Somebody else's session is none, and neither is one that has ended.
    let path = format!("/api/v1/users/me/sessions/{}", text(&sessions[1]["id"]));
    assert_eq!(ben.call("DELETE", &path, &Value::Null).await.expect(404)["code"], "session_not_found");
    tablet.get("/api/v1/users/me").await.expect(200);
    phone.call("DELETE", &path, &Value::Null).await.expect(204);
    phone.call("DELETE", &path, &Value::Null).await.expect(404);
    phone.call("DELETE", "/api/v1/users/me/sessions/x", &Value::Null).await.expect(422);
    assert_eq!(tablet.get("/api/v1/users/me").await.expect(401)["code"], "invalid_token");
    assert_eq!(refresh(&tablet.api, &tablet.refresh_token).await.expect(401)["code"], "invalid_refresh_token");

    laptop.call("POST", "/api/v1/auth/logout", &Value::Null).await.expect(204);
    laptop.get("/api/v1/users/me").await.expect(401);
    refresh(&laptop.api, &laptop.refresh_token).await.expect(401);
    phone.call("DELETE", "/api/v1/users/me/sessions", &Value::Null).await.expect(204);
    ada.get("/api/v1/users/me").await.expect(401);
    phone.get("/api/v1/users/me").await.expect(200);
    phone.call("DELETE", "/api/v1/users/me/sessions", &Value::Null).await.expect(204);
    ben.get("/api/v1/users/me").await.expect(200);
    let audit = phone.get("/api/v1/users/me/audit?limit=3").await.expect(200);
    assert_eq!(kinds(&audit), ["other_sessions_ended", "logged_out", "session_ended"]);
}

async fn sixteen_refreshes_leave_one_good_pair(backend: Backend) {
    let server = Server::start(backend).await;
    // Which of them is good is known by trying, and whatever is not good ends the session: one try for each sign-up.
    let mut good = 0;
    for number in 0..16 {
        let ada = server.api().sign_up(&format!("ada{number}")).await;
        let uses = (0..16).map(|_| refresh(&ada.api, &ada.refresh_token));
        let pairs: Vec<Value> = join_all(uses).await.into_iter().map(|answer| answer.expect(200)).collect();
        let tokens: HashSet<&str> = pairs.iter().map(|pair| text(&pair["refresh_token"])).collect();
        assert_eq!(tokens.len(), 16);
        good += usize::from(refresh(&ada.api, text(&pairs[number]["refresh_token"])).await.status == 200);
        // Either it was the good one, or the session is over.
        for pair in pairs.iter().enumerate().filter(|(other, _)| *other != number).map(|(_, pair)| pair) {
            refresh(&ada.api, text(&pair["refresh_token"])).await.expect(401);
        }
    }
    println!("of 16 tokens that were tried, {good} were the newest of their session");
}

async fn a_lost_answer_logs_nobody_out(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = server.api().sign_up("ada").await;
    let mut token = ada.refresh_token.clone();
    for _ in 0..3 {
        let lost = refresh(&ada.api, &token).await.expect(200);
        // What came with it is good for as long as the session is: nobody has it.
        let kept = refresh(&ada.api, &token).await.expect(200);
        assert_ne!(lost["refresh_token"], kept["refresh_token"]);
        token = text(&kept["refresh_token"]).to_owned();
        let renewed = Person { token: text(&kept["access_token"]).to_owned(), ..ada.clone() };
        renewed.get("/api/v1/users/me").await.expect(200);
    }
    refresh(&ada.api, &token).await.expect(200);
}

async fn a_stolen_refresh_token_ends_the_session(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = server.api().sign_up("ada").await;
    let elsewhere = Person::log_in(server.api(), &ada.email, &ada.password).await;
    let second = refresh(&ada.api, &ada.refresh_token).await.expect(200);
    let third = refresh(&ada.api, text(&second["refresh_token"])).await.expect(200);
    let thief = ada.api.request("POST", "/api/v1/auth/token/refresh").header("User-Agent", "thief/1.0");
    let thief = thief.json(&json!({ "refresh_token": ada.refresh_token }));
    assert_eq!(ada.api.send(thief).await.unwrap().expect(401)["code"], "invalid_refresh_token");
    refresh(&ada.api, text(&third["refresh_token"])).await.expect(401);
    for pair in [&second, &third] {
        let renewed = Person { token: text(&pair["access_token"]).to_owned(), ..ada.clone() };
        renewed.get("/api/v1/users/me").await.expect(401);
    }
    ada.get("/api/v1/users/me").await.expect(401);
    let audit = elsewhere.get("/api/v1/users/me/audit?limit=1").await.expect(200);
    assert_eq!(kinds(&audit), ["refresh_token_reused"]);
    assert_eq!(audit["items"][0]["user_agent"], "thief/1.0");
    refresh(&elsewhere.api, &elsewhere.refresh_token).await.expect(200);
}

async fn admins_change_the_standing_of_others(backend: Backend) {
    let server = Server::start(backend).await;
    let (admin, other) = (server.person("root", "admin").await, server.person("toor", "admin").await);
    let ben = server.api().sign_up("ben").await;
    let path = |person: &Person| format!("/api/v1/users/{}/standing", person.id);
    let patch = async |by: &Person, whose: &Person, body: Value| by.call("PATCH", &path(whose), &body).await;
    assert_eq!(patch(&ben, &other, json!({ "role": "guest" })).await.expect(403)["code"], "role_too_low");
    assert_eq!(patch(&admin, &admin, json!({ "role": "guest" })).await.expect(403)["code"], "not_oneself");
    assert_eq!(patch(&admin, &ben, json!({ "role": "king" })).await.expect(422)["errors"][0]["pointer"], "/role");
    let nobody = Person { id: "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20".to_owned(), ..ben.clone() };
    assert_eq!(patch(&admin, &nobody, json!({ "active": false })).await.expect(404)["code"], "user_not_found");

    let standing = patch(&admin, &ben, json!({ "role": "host" })).await.expect(200);
    assert_eq!(standing, json!({ "id": ben.id, "role": "host", "active": true }));
    ben.create_group("at once", &[]).await;
    patch(&admin, &ben, json!({ "active": false })).await.expect(200);
    ben.get("/api/v1/users/me").await.expect(401);
    refresh(&ben.api, &ben.refresh_token).await.expect(401);
    let credentials = json!({ "email": ben.email, "password": ben.password });
    ben.api.post("/api/v1/auth/token", &credentials).await.expect(401);
    patch(&admin, &ben, json!({ "active": true })).await.expect(200);
    ben.get("/api/v1/users/me").await.expect(401);
    let ben = Person::log_in(server.api(), &ben.email, &ben.password).await;
    let audit = ben.get("/api/v1/users/me/audit?limit=5").await.expect(200);
    assert_eq!(kinds(&audit), ["logged_in", "restored", "log_in_failed", "suspended", "role_changed"]);
    let changed = &audit["items"][4];
    assert_eq!((&changed["by"], &changed["address"]), (&json!("another"), &Value::Null));
    assert_eq!((&changed["before"]["role"], &changed["after"]["role"]), (&json!("guest"), &json!("host")));

    // Two who demote each other at once: one is left.
    let (one, two) = tokio::join!(
        patch(&admin, &other, json!({ "role": "guest" })),
        patch(&other, &admin, json!({ "active": false })),
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert!(matches!(statuses, [200, 401 | 403]), "{statuses:?}");
}
