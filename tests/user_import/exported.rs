//! Exports: what is written is read back.

use super::{EXPORTS, PASSPHRASE, counts, export, import, rows, signs_in};
use crate::support::{
    TestApp,
    roles::{CONSOLE, USERS, allow, count_events, make_person, make_role},
};
use reqwest::Method;
use serde_json::{Value, json};

/// Three users with all that users can have.
fn file() -> String {
    let users = [
        json!({
            "id": "usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f", "name": "ada", "email": "Ada@example.test",
            "emailVerified": true, "displayName": "=HYPERLINK(\"https://x.example\")", "firstName": "Ada",
            "lastName": "Lovelace", "nickname": "A", "language": "en-GB", "gender": "female", "phone": "+44 1",
            "bio": " '-2+3\n\"quoted\"; and, so on ", "avatar": "https://pics.example/a.png",
            "createdAt": "2019-05-04T03:02:01Z", "disabled": false, "mustChangePassword": false,
            "passwordHash": super::BCRYPT, "roles": ["clerk", "support"], "labels": { "team": "blue" },
            "annotations": { "hr.example/grade": "7" },
        }),
        json!({
            "id": "usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e10", "name": "bob", "email": "bob@example.test",
            "emailVerified": false, "displayName": "'@bob", "createdAt": "2020-05-04T03:02:01.500Z",
            "disabled": true, "mustChangePassword": false,
        }),
        json!({
            "id": "usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e11", "name": "eve", "email": "eve@example.test",
            "emailVerified": false, "displayName": "王小明", "bio": "\tx", "createdAt": "2021-05-04T03:02:01Z",
            "disabled": false, "mustChangePassword": true, "passwordHash": super::BCRYPT,
        }),
    ];
    users.map(|user| format!("{user}\n")).concat()
}

/// The users of lines, without the owner.
fn users(lines: &str) -> Vec<Value> {
    let users = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    users.filter(|user: &Value| user["name"] != "admin").collect()
}

async fn empty(app: &TestApp) -> crate::support::Person<'_> {
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "clerk", "support", &[]).await;
    owner
}

#[tokio::test]
async fn what_was_exported_is_read_back_as_it_was_and_old_passwords_are_good() {
    for format in ["jsonl", "csv"] {
        let app = TestApp::start().await;
        let owner = empty(&app).await;
        let done = import(&owner, &[], ("a.jsonl", file().as_bytes())).await;
        assert_eq!(counts(&done), [3, 0, 0], "{done}");
        let hashes = format!("{EXPORTS}/hashes");
        let before = export(&owner, &hashes).await;
        assert_eq!(users(&before), users(&file()), "{before}");
        let text = export(&owner, &format!("{hashes}?format={format}")).await;
        for name in ["ada", "bob", "eve"] {
            owner.delete(&format!("{USERS}/{name}")).await.expect(204);
        }
        let again = import(&owner, &[("format", format)], ("a", text.as_bytes())).await;
        assert_eq!(counts(&again), [3, 1, 0], "{format}: {again}");
        assert_eq!(export(&owner, &hashes).await, before, "{format}");
        assert!(signs_in(&owner, "ada", PASSPHRASE).await);
    }
}

#[tokio::test]
async fn a_hash_of_this_servers_own_making_comes_back_and_that_of_another_does_not() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let password = crate::support::PASSWORD;
    let new = json!({ "name": "ada", "email": "ada@example.test", "password": password, "mustChangePassword": false });
    owner.post(USERS, &new).await.expect(200);
    let text = export(&owner, &format!("{EXPORTS}/hashes")).await;
    owner.delete(&format!("{USERS}/ada")).await.expect(204);
    let done = import(&owner, &[], ("a.jsonl", text.as_bytes())).await;
    assert_eq!(counts(&done), [1, 1, 0], "{done}");
    assert!(signs_in(&owner, "ada", password).await);

    let other = TestApp::start_with(|config| config.master_key = Some("B".repeat(42) + "A")).await;
    let owner = other.default_tenant().owner().await;
    let done = import(&owner, &[], ("a.jsonl", text.as_bytes())).await;
    assert_eq!(counts(&done)[0], 0, "{done}");
    let found = super::rejections(&owner, &done).await;
    assert!(found.iter().all(|(_, field, _)| field == "passwordHash"), "{found:?}");
}

#[tokio::test]
async fn no_cell_of_a_table_is_a_formula() {
    let app = TestApp::start().await;
    let owner = empty(&app).await;
    import(&owner, &[], ("a.jsonl", file().as_bytes())).await;
    let text = export(&owner, &format!("{EXPORTS}?format=csv")).await;
    for cell in ["'=HYPERLINK", "'+44 1", "''@bob", "'\tx"] {
        assert!(text.contains(cell), "{cell}: {text}");
    }
    let cells = text.split(['\n', ',']).map(|cell| cell.trim_start_matches('"'));
    let formulas: Vec<_> = cells.filter(|cell| cell.starts_with(['=', '+', '@', '\t'])).collect();
    assert!(formulas.is_empty(), "{formulas:?}");
}

#[tokio::test]
async fn an_export_has_no_hash_unless_an_owner_asks_for_them_who_signed_in_lately() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = empty(&app).await;
    import(&owner, &[], ("a.jsonl", file().as_bytes())).await;
    let before = count_events(&owner).await;
    let plain = export(&owner, EXPORTS).await;
    assert!(!plain.contains("passwordHash") && !plain.contains("$2b$"), "{plain}");
    let table = export(&owner, &format!("{EXPORTS}?format=csv")).await;
    assert!(!table.contains("passwordHash") && !table.contains("$2b$"), "{table}");
    assert_eq!(count_events(&owner).await, before + 2, "each export is in the trail");
    let hashes = format!("{EXPORTS}/hashes");
    assert!(export(&owner, &hashes).await.contains("$2b$"));
    app.advance(6 * 60);
    owner
        .get(&hashes)
        .await
        .expect_problem(403, "reauthentication_required");
    let again = tenant.sign_in("admin").await;
    export(&again, &hashes).await;
    let events = again.get(&format!("{CONSOLE}/audit-events?size=1")).await.expect(200);
    assert_eq!(events["items"][0]["action"], "user-exports/hashes:get", "{events}");
}

#[tokio::test]
async fn nobody_gets_the_hashes_of_those_who_may_do_more() {
    let app = TestApp::start().await;
    let owner = empty(&app).await;
    import(&owner, &[], ("a.jsonl", file().as_bytes())).await;
    make_role(&owner, "taker", "support", &[allow("user-exports/hashes", "get")]).await;
    let taker = make_person(&owner, "taker", "taker").await;
    let text = export(&taker, &format!("{EXPORTS}/hashes")).await;
    let with: Vec<_> = text.lines().filter(|line| line.contains("passwordHash")).collect();
    assert_eq!(with.len(), 3, "ada, eve and the caller: {text}");
    assert!(with.iter().all(|line| !line.contains("\"admin\"")), "{text}");
}

#[tokio::test]
async fn an_export_has_those_whom_a_list_would_have_in_the_order_in_which_they_were_made() {
    let app = TestApp::start().await;
    let owner = empty(&app).await;
    import(&owner, &[], ("a.jsonl", file().as_bytes())).await;
    for (query, expected) in [
        ("", &["ada", "bob", "eve"][..]),
        ("?labelSelector=team=blue", &["ada"]),
        ("?fieldSelector=spec.disabled=true", &["bob"]),
        ("?keyword=eve", &["eve"]),
        ("?role=clerk", &["ada"]),
    ] {
        let found = users(&export(&owner, &format!("{EXPORTS}{query}")).await);
        let names: Vec<_> = found.iter().map(|user| user["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{query}");
    }
    let unknown = owner.get(&format!("{EXPORTS}?fieldSelector=nothing=1")).await;
    unknown.expect_problem(400, "invalid");
}

#[tokio::test]
async fn an_export_of_many_has_each_once() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file = format!("name,email\n{}", rows("user", 1_001));
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [1_001, 0, 0]);
    let reply = owner.request(Method::GET, EXPORTS).send().await.unwrap();
    assert_eq!(reply.headers()["content-type"], "application/x-ndjson");
    let text = reply.text().await.unwrap();
    let names: std::collections::BTreeSet<_> = users(&text).into_iter().map(|user| user["name"].to_string()).collect();
    assert_eq!(names.len(), 1_001);
    assert_eq!(text.lines().count(), 1_002);
}
