//! Sorts, pages and cursors.

use super::{USERS, found, make, names, path};
use crate::support::{Person, TestApp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

const SORTS: &[&[&str]] = &[
    &[],
    &["metadata.creationTimestamp,asc"],
    &["metadata.creationTimestamp,desc"],
    &["metadata.name"],
    &["metadata.name,asc"],
    &["metadata.name,desc"],
    &["spec.displayName,asc"],
    &["spec.displayName,desc"],
    &["spec.displayName,asc", "metadata.name,desc"],
    &["spec.displayName,desc", "metadata.creationTimestamp,asc"],
    &["metadata.creationTimestamp,desc", "metadata.name,asc"],
    &[
        "metadata.creationTimestamp,asc",
        "spec.displayName,desc",
        "metadata.name,asc",
    ],
];

/// Twelve users beside the owner; some have the display name of others, and some their time.
async fn people(app: &TestApp, owner: &Person<'_>) {
    for n in 0..12 {
        let display_name = ["Émile", "alex", "Alex", "王小明", "zoë", "Bob"][n % 6];
        let besides = json!({ "displayName": display_name, "labels": { "half": (n % 2).to_string() } });
        make(owner, &format!("user-{n:02}"), besides).await;
        if n % 4 == 3 {
            app.advance(1);
        }
    }
}

fn sorted<'a>(sorts: &[&'a str], besides: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let sorts = sorts.iter().map(|sort| ("sort", *sort));
    sorts.chain(besides.iter().copied()).collect()
}

/// Reads a list from page to page by its cursors.
async fn walk(owner: &Person<'_>, parameters: &[(&str, &str)], size: usize) -> Vec<String> {
    let size_text = size.to_string();
    let mut all = vec![];
    let mut cursor: Option<String> = None;
    loop {
        let mut parameters = [parameters, &[("size", size_text.as_str())]].concat();
        parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = owner.get(&path(&parameters)).await.expect(200);
        let found = names(&page);
        all.extend(found.iter().cloned());
        let next = page["nextCursor"].as_str();
        assert_eq!(
            (&page["hasNext"], &page["last"]),
            (&json!(next.is_some()), &json!(next.is_none()))
        );
        match next {
            Some(next) => assert!(found.len() == size && cursor.replace(next.to_owned()).as_deref() != Some(next)),
            None => return all,
        }
    }
}

#[tokio::test]
async fn every_sort_read_by_cursor_or_number_is_the_whole_list_without_gap_or_double() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    people(&app, &owner).await;
    for sorts in SORTS {
        let whole = owner.get(&path(&sorted(sorts, &[("size", "200")]))).await.expect(200);
        assert_eq!((&whole["total"], whole.get("nextCursor")), (&json!(13), None));
        let whole = names(&whole);
        let mut once = whole.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), 13, "{sorts:?}");
        for size in [1, 4, 5, 13] {
            assert_eq!(
                walk(&owner, &sorted(sorts, &[]), size).await,
                whole,
                "{sorts:?} by {size}"
            );
        }
        let mut numbered = vec![];
        for number in ["1", "2", "3"] {
            let page = sorted(sorts, &[("page", number), ("size", "5")]);
            numbered.extend(names(&owner.get(&path(&page)).await.expect(200)));
        }
        assert_eq!(numbered, whole, "{sorts:?} by number");
    }
}

#[tokio::test]
async fn lists_are_in_the_order_that_is_asked_for() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    people(&app, &owner).await;
    for sorts in SORTS {
        let list = owner.get(&path(&sorted(sorts, &[("size", "200")]))).await.expect(200);
        let key = |item: &Value, property: &str| {
            let user = &item["user"];
            match property {
                "metadata.name" => user["metadata"]["name"].as_str().unwrap().to_owned(),
                "spec.displayName" => user["spec"]["displayName"].as_str().unwrap().to_lowercase(),
                // A fraction of a second may be written in three digits, or in six.
                _ => {
                    let at = user["metadata"]["creationTimestamp"].as_str().unwrap();
                    let at: DateTime<Utc> = at.parse().unwrap();
                    at.format("%s%.6f").to_string()
                }
            }
        };
        let asked = if sorts.is_empty() {
            &["metadata.creationTimestamp,desc"][..]
        } else {
            sorts
        };
        for pair in list["items"].as_array().unwrap().windows(2) {
            let mut order = std::cmp::Ordering::Equal;
            for sort in asked {
                let (property, direction) = sort.split_once(',').unwrap_or((sort, "asc"));
                let one = key(&pair[0], property).cmp(&key(&pair[1], property));
                order = order.then(if direction == "desc" { one.reverse() } else { one });
            }
            assert!(order.is_le(), "{sorts:?}: {} before {}", pair[0], pair[1]);
        }
    }
}

#[tokio::test]
async fn filters_hold_on_every_page() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    people(&app, &owner).await;
    for filter in [
        ("labelSelector", "half=1"),
        ("keyword", "alex"),
        ("keyword", "example"),
        ("fieldSelector", "name!=(user-03,user-04)"),
        ("fieldSelector", "spec.emailVerified=false"),
        ("role", "user"),
    ] {
        let mut expected = found(&owner, &[filter]).await;
        assert!(expected.len() > 2, "{filter:?}");
        for sorts in [&["metadata.name,asc"][..], &["metadata.name,desc"]] {
            assert_eq!(walk(&owner, &sorted(sorts, &[filter]), 2).await, expected, "{filter:?}");
            expected.reverse();
        }
    }
}

#[tokio::test]
async fn a_cursor_goes_on_where_it_was_whoever_comes_and_goes() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    people(&app, &owner).await;
    let first = owner
        .get(&path(&[("sort", "metadata.name"), ("size", "5")]))
        .await
        .expect(200);
    assert_eq!(names(&first)[4], "user-03");
    make(&owner, "aaron", json!({})).await;
    for gone in ["user-03", "user-05"] {
        owner.delete(&format!("{USERS}/{gone}")).await.expect(204);
    }

    let cursor = first["nextCursor"].as_str().unwrap();
    let parameters = [("sort", "metadata.name"), ("size", "3"), ("cursor", cursor)];
    let second = owner.get(&path(&parameters)).await.expect(200);
    assert_eq!(names(&second), ["user-04", "user-06", "user-07"]);
    assert_eq!(second["total"], 12);
}

#[tokio::test]
async fn a_cursor_of_another_list_or_order_or_none_at_all_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    people(&app, &owner).await;
    let by_name = ("sort", "metadata.name,asc");
    let first = owner.get(&path(&[by_name, ("size", "5")])).await.expect(200);
    let right = first["nextCursor"].as_str().unwrap();
    owner.get(&path(&[by_name, ("cursor", right)])).await.expect(200);

    for other in [
        "metadata.name,desc",
        "spec.displayName,asc",
        "metadata.creationTimestamp,asc",
    ] {
        is_refused(&owner, &[("sort", other), ("cursor", right)]).await;
    }
    is_refused(&owner, &[by_name, ("sort", "spec.displayName"), ("cursor", right)]).await;
    is_refused(&owner, &[("cursor", right)]).await;
    let events = owner
        .get("/apis/console/v1alpha1/audit-events?size=2")
        .await
        .expect(200);
    is_refused(&owner, &[by_name, ("cursor", events["nextCursor"].as_str().unwrap())]).await;

    let long = "a".repeat(2_001);
    for garbage in [
        "x",
        "%",
        "e30",
        "W10",
        "bm90IGEgY3Vyc29y",
        "' or 1=1 --",
        "\0",
        "é",
        &long,
    ] {
        is_refused(&owner, &[by_name, ("cursor", garbage)]).await;
    }
    let read: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(right).unwrap()).unwrap();
    for end in [
        json!([]),
        json!(["user-03"]),
        json!([1, 2]),
        json!(["user-03", "not an id"]),
        json!([null, null]),
        json!({}),
        json!("user-03"),
        json!(["user-03", read[1][1], "more"]),
    ] {
        let forged = URL_SAFE_NO_PAD.encode(json!([read[0], end]).to_string());
        is_refused(&owner, &[by_name, ("cursor", &forged)]).await;
    }
}

/// Checks that the cursor is what is wrong.
async fn is_refused(owner: &Person<'_>, parameters: &[(&str, &str)]) {
    let reply = owner.get(&path(parameters)).await;
    assert_eq!(reply.status, 400, "{parameters:?}: {}", reply.text);
    let body = reply.expect_problem(400, "invalid");
    assert_eq!(body["errors"][0]["field"], "cursor", "{parameters:?}: {body}");
}
