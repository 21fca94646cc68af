//! Keywords and roles.

use super::{found, make};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_keyword_finds_what_words_of_name_display_name_and_address_begin_with() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for (name, address, display_name) in [
        ("anna.schmidt", "anna@firma.example", "Anna Schmidt-Müller"),
        ("bert", "b.meier@other.example", "Bert Ärger"),
        ("olga", "olga@example.test", "Ольга ИВАНОВА"),
        ("ming", "ming@example.test", "张王小明"),
        ("yuki", "yuki@example.test", "山田 ゆき"),
        ("dilara", "dilara@example.test", "Dilara İpek"),
        ("zoe", "zoe@example.test", "Zoe\u{301}"),
    ] {
        let besides = json!({ "email": address, "displayName": display_name });
        make(&owner, name, besides).await;
    }
    for (keyword, expected) in [
        ("anna", &["anna.schmidt"][..]),
        ("ANNA", &["anna.schmidt"]),
        ("schmidt", &["anna.schmidt"]),
        ("Müll", &["anna.schmidt"]),
        ("MÜLLER", &["anna.schmidt"]),
        ("firma", &["anna.schmidt"]),
        ("firma.EXAMPLE", &["anna.schmidt"]),
        ("anna@firma.example", &["anna.schmidt"]),
        ("meier@", &["bert"]),
        ("ärger", &["bert"]),
        ("ÄRGER", &["bert"]),
        ("иван", &["olga"]),
        ("ОЛЬГА", &["olga"]),
        ("王", &["ming"]),
        ("小明", &["ming"]),
        ("王小", &["ming"]),
        ("田", &["yuki"]),
        ("ゆき", &["yuki"]),
        ("İpek", &["dilara"]),
        ("zoé", &["zoe"]),
        ("zoe\u{301}", &["zoe"]),
        ("b", &["bert"]),
        (
            "example",
            &["anna.schmidt", "bert", "dilara", "ming", "olga", "yuki", "zoe"],
        ),
        // Every word must be met, in any order, by any of the three.
        ("müller anna", &["anna.schmidt"]),
        ("  anna   firma ", &["anna.schmidt"]),
        ("anna bert", &[]),
        ("anna ärger", &[]),
        // Not in the middle of a word, and no patterns.
        ("nna", &[]),
        ("chmidt", &[]),
        ("an%", &[]),
        ("ann_", &[]),
        ("*", &[]),
        ("小王", &[]),
    ] {
        assert_eq!(found(&owner, &[("keyword", keyword)]).await, expected, "{keyword:?}");
    }
    let everybody = found(&owner, &[("keyword", "")]).await;
    assert_eq!(everybody.len(), 8);
    assert_eq!(found(&owner, &[("keyword", "   ")]).await, everybody);
}

#[tokio::test]
async fn a_long_word_is_found_by_all_of_it() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let (long, other) = (format!("{}x", "a".repeat(60)), format!("{}y", "a".repeat(60)));
    for name in [&long, &other] {
        make(&owner, name, json!({})).await;
    }
    assert_eq!(found(&owner, &[("keyword", &long)]).await, [long.as_str()]);
    assert_eq!(
        found(&owner, &[("keyword", &long[..50])]).await,
        [long.as_str(), &other]
    );
}

#[tokio::test]
async fn a_list_is_found_by_what_users_are_called_now() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "anna", json!({ "displayName": "Before" })).await;
    let path = format!("{}/anna", super::USERS);
    let change = json!({ "spec": { "displayName": "After" } });
    let request = owner.request(reqwest::Method::PATCH, &path).json(&change);
    owner.send(request).await.expect(200);

    assert_eq!(found(&owner, &[("keyword", "after")]).await, ["anna"]);
    assert!(found(&owner, &[("keyword", "before")]).await.is_empty());
}

#[tokio::test]
async fn a_list_of_a_role_has_those_who_have_it() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let role = json!({ "metadata": { "name": "editor" }, "spec": { "displayName": "Editor" }, "rules": [] });
    owner.post("/apis/console/v1alpha1/roles", &role).await.expect(200);
    make(&owner, "anna", json!({ "roles": ["editor", "auditor"] })).await;
    make(&owner, "bert", json!({ "roles": ["editor"] })).await;
    make(&owner, "cara", json!({ "displayName": "editor" })).await;

    for (role, expected) in [
        ("editor", &["anna", "bert"][..]),
        ("EDITOR", &["anna", "bert"]),
        ("auditor", &["anna"]),
        ("owner", &["admin"]),
        ("user", &["admin", "anna", "bert", "cara"]),
        ("support", &[]),
        ("never-made", &[]),
    ] {
        assert_eq!(found(&owner, &[("role", role)]).await, expected, "{role}");
    }
    // Holds from the next request on.
    let roles = json!({ "roles": ["auditor"] });
    owner
        .post(&format!("{}/bert/permissions", super::USERS), &roles)
        .await
        .expect(200);
    assert_eq!(found(&owner, &[("role", "editor")]).await, ["anna"]);
    assert_eq!(found(&owner, &[("role", "auditor")]).await, ["anna", "bert"]);
}

#[tokio::test]
async fn a_list_has_nobody_of_another_tenant() {
    let app = TestApp::start().await;
    let (home, acme) = (app.default_tenant(), app.tenant("acme").await);
    let (owner, owner_of_acme) = (home.owner().await, acme.owner().await);
    make(&owner, "anna", json!({ "labels": { "team": "core" } })).await;
    make(
        &owner_of_acme,
        "bert",
        json!({ "labels": { "team": "core" }, "roles": ["auditor"] }),
    )
    .await;

    for (parameters, here, there) in [
        (&[][..], &["admin", "anna"][..], &["admin", "bert"][..]),
        (&[("keyword", "bert")], &[], &["bert"]),
        (&[("keyword", "example.test")], &["anna"], &["bert"]),
        (&[("role", "auditor")], &[], &["bert"]),
        (&[("labelSelector", "team=core")], &["anna"], &["bert"]),
        (
            &[("fieldSelector", "spec.email=(anna@example.test,bert@example.test)")],
            &["anna"],
            &["bert"],
        ),
    ] {
        assert_eq!(found(&owner, parameters).await, here, "{parameters:?}");
        assert_eq!(found(&owner_of_acme, parameters).await, there, "{parameters:?}");
    }
}

#[tokio::test]
async fn whom_the_words_mean_exactly_comes_first_in_every_order_and_once() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for (name, display) in [
        ("carol", "Zoe"),
        ("carola", "Anna"),
        ("carol.b", "Bert"),
        ("dora", "Carol"),
    ] {
        make(&owner, name, json!({ "displayName": display })).await;
    }
    let id = owner.get(&format!("{}/carol", super::USERS)).await.expect(200)["user"]["status"]["id"].take();
    let id = id.as_str().unwrap();
    let sorts = "metadata.name,desc metadata.name spec.displayName metadata.creationTimestamp";
    for sort in sorts.split(' ') {
        for size in ["1", "2", "3", "200"] {
            let mut all = vec![];
            let mut cursor: Option<String> = None;
            loop {
                let mut parameters = vec![("keyword", "Carol"), ("sort", sort), ("size", size)];
                if let Some(cursor) = &cursor {
                    parameters.push(("cursor", cursor.as_str()));
                }
                let page = owner.get(&super::path(&parameters)).await.expect(200);
                assert_eq!(page["total"], 4);
                all.extend(super::names(&page));
                match page["nextCursor"].as_str() {
                    Some(next) => cursor = Some(next.to_owned()),
                    None => break,
                }
            }
            assert_eq!(all[0], "carol", "{sort} {size}");
            all.sort_unstable();
            assert_eq!(all, ["carol", "carol.b", "carola", "dora"], "{sort} {size}");
        }
    }
    let by_number = |page| {
        [
            ("keyword", "carol"),
            ("sort", "metadata.name,desc"),
            ("size", "1"),
            ("page", page),
        ]
    };
    let mut all = vec![];
    for page in ["1", "2", "3", "4"] {
        let page = owner.get(&super::path(&by_number(page))).await.expect(200);
        all.extend(super::names(&page));
    }
    assert_eq!(all, ["carol", "dora", "carola", "carol.b"]);

    assert_eq!(found(&owner, &[("keyword", "carol@example.test")]).await, ["carol"]);
    assert_eq!(found(&owner, &[("keyword", id)]).await, ["carol"]);
    let field = format!("status.id={id}");
    assert_eq!(found(&owner, &[("fieldSelector", field.as_str())]).await, ["carol"]);
    assert_eq!(found(&owner, &[("fieldSelector", "status.id=nobody")]).await, [""; 0]);
    assert_eq!(
        found(&owner, &[("keyword", "carol"), ("role", "auditor")]).await,
        [""; 0]
    );
}

#[tokio::test]
async fn an_address_is_found_in_either_form_of_its_domain_and_with_a_plus_that_nobody_encoded() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let new = json!({ "name": "eva", "email": "eva+news@bücher.example" });
    owner.post(super::USERS, &new).await.expect(200);
    for text in [
        "eva+news@bücher.example",
        "EVA+news@xn--bcher-kva.example",
        "eva news@bücher.example",
    ] {
        assert_eq!(found(&owner, &[("keyword", text)]).await, ["eva"], "{text}");
        let field = format!("spec.email={text}");
        assert_eq!(
            found(&owner, &[("fieldSelector", field.as_str())]).await,
            ["eva"],
            "{text}"
        );
    }
}
