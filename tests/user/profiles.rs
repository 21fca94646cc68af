//! Profiles: changed by patch by administrators, and whole by their owners.

use super::{ME, USERS, make, patch, see};
use crate::support::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

fn profile() -> Value {
    json!({
        "displayName": "Alice", "phone": "+49 30 1234", "bio": "hi", "avatar": "https://pics.example/a.png",
        "labels": { "team": "core", "site": "berlin" }, "annotations": { "note": "a", "keep": "b" },
    })
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_leaves_the_rest() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let made = make(&owner, "alice", profile()).await;

    let change = json!({
        "metadata": { "labels": { "floor": "3", "team": "ops" }, "annotations": { "new": "c" } },
        "spec": { "displayName": "Alicia", "bio": "" },
    });
    let changed = patch(&owner, "alice", &change).await.expect(200);

    assert_eq!(
        changed["metadata"]["labels"],
        json!({ "floor": "3", "site": "berlin", "team": "ops" })
    );
    assert_eq!(
        changed["metadata"]["annotations"],
        json!({ "keep": "b", "new": "c", "note": "a" })
    );
    let spec = &changed["spec"];
    assert_eq!((&spec["displayName"], spec.get("bio")), (&json!("Alicia"), None));
    for same in ["phone", "avatar", "email", "emailVerified", "registeredAt", "disabled"] {
        assert_eq!(spec[same], made["spec"][same], "{same}");
    }
    assert_eq!(see(&owner, "alice").await, changed);
    let nothing = patch(&owner, "alice", &json!({})).await.expect(200);
    for part in ["spec", "status"] {
        assert_eq!(nothing[part], changed[part]);
    }
    assert_eq!(nothing["metadata"]["labels"], changed["metadata"]["labels"]);
}

#[tokio::test]
async fn a_patch_takes_away_the_labels_and_annotations_that_are_null() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "alice", profile()).await;

    let change = json!({ "metadata": {
        "labels": { "team": null, "never-there": null },
        "annotations": { "note": null, "keep": "c" },
    } });
    let changed = patch(&owner, "alice", &change).await.expect(200);

    assert_eq!(changed["metadata"]["labels"], json!({ "site": "berlin" }));
    assert_eq!(changed["metadata"]["annotations"], json!({ "keep": "c" }));
    for (selector, found) in [("team", 0), ("site", 1)] {
        let list = owner
            .get(&format!("{USERS}?labelSelector={selector}"))
            .await
            .expect(200);
        assert_eq!(list["total"], found, "{selector}");
    }
}

#[tokio::test]
async fn a_patch_takes_away_the_fields_and_the_maps_that_are_null() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "alice", profile()).await;

    let change = json!({ "spec": { "phone": null, "bio": null, "avatar": null } });
    let changed = patch(&owner, "alice", &change).await.expect(200);
    for gone in ["phone", "bio", "avatar"] {
        assert_eq!(changed["spec"].get(gone), None, "{gone}");
    }
    assert_eq!(
        changed["metadata"]["labels"],
        json!({ "site": "berlin", "team": "core" })
    );

    let change = json!({ "metadata": { "labels": null, "annotations": null } });
    let changed = patch(&owner, "alice", &change).await.expect(200);
    assert_eq!(changed["metadata"]["labels"], json!({}));
    assert_eq!(changed["metadata"]["annotations"], json!({}));

    // The display name is always there: without one of their own it is the name.
    let change = json!({ "spec": { "displayName": null } });
    let changed = patch(&owner, "alice", &change).await.expect(200);
    assert_eq!(changed["spec"]["displayName"], "alice");
}

#[tokio::test]
async fn a_patch_is_a_merge_patch_or_json_and_nothing_else() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "alice", profile()).await;
    let send = async |kind: Option<&str>, bio: &str| {
        let mut request = owner.request(Method::PATCH, &format!("{USERS}/alice"));
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let body = json!({ "spec": { "bio": bio } }).to_string();
        owner.send(request.body(body)).await
    };

    for (number, kind) in [
        "application/merge-patch+json",
        "application/json",
        "Application/Merge-Patch+JSON; charset=utf-8",
    ]
    .into_iter()
    .enumerate()
    {
        let bio = format!("taken {number}");
        assert_eq!(send(Some(kind), &bio).await.expect(200)["spec"]["bio"], bio, "{kind}");
    }
    let before = see(&owner, "alice").await;
    for kind in [
        None,
        Some("application/json-patch+json"),
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/merge-patch"),
    ] {
        let reply = send(kind, "refused").await;
        reply.expect_problem(415, "unsupported_media_type");
    }
    assert_eq!(see(&owner, "alice").await, before);
}

#[tokio::test]
async fn a_patch_that_is_wrong_in_one_field_changes_none() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "alice", profile()).await;
    let before = see(&owner, "alice").await;

    for (wrong, field) in [
        (
            json!({ "spec": { "bio": "new", "displayName": "" } }),
            "spec.displayName",
        ),
        (
            json!({ "spec": { "bio": "new", "displayName": "a\u{202e}b" } }),
            "spec.displayName",
        ),
        (
            json!({ "spec": { "bio": "new", "phone": "1".repeat(51) } }),
            "spec.phone",
        ),
        (json!({ "spec": { "displayName": "new", "bio": 7 } }), "spec.bio"),
        (
            json!({ "spec": { "bio": "new" }, "metadata": { "labels": { "a b": "c" } } }),
            "metadata.labels",
        ),
        (
            json!({ "spec": { "bio": "new" }, "metadata": { "labels": { "a": 1 } } }),
            "metadata.labels.a",
        ),
        (json!({ "spec": "new" }), "spec"),
        (json!([]), ""),
    ] {
        let refused = patch(&owner, "alice", &wrong).await.expect_problem(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    patch(&owner, "nobody", &json!({}))
        .await
        .expect_problem(404, "user_not_found");
    assert_eq!(see(&owner, "alice").await, before);
    let right = json!({ "spec": { "bio": "new" } });
    assert_eq!(patch(&owner, "alice", &right).await.expect(200)["spec"]["bio"], "new");
}

#[tokio::test]
async fn people_change_their_own_profile_whole() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    make(&tenant.owner().await, "alice", profile()).await;
    let alice = tenant.sign_in("alice").await;
    let read = alice.get(ME).await.expect(200)["user"].take();

    let mut whole = read.clone();
    whole["spec"]["displayName"] = json!("Alicia");
    whole["spec"]["phone"] = json!("112");
    whole["metadata"]["annotations"] = json!({ "only": "this" });
    let changed = alice.put(ME, &whole).await.expect(200);
    assert_eq!(
        (
            &changed["spec"]["displayName"],
            &changed["spec"]["phone"],
            &changed["spec"]["bio"]
        ),
        (&json!("Alicia"), &json!("112"), &json!("hi"))
    );
    assert_eq!(changed["metadata"]["annotations"], json!({ "only": "this" }));
    assert_eq!(changed["metadata"]["labels"], read["metadata"]["labels"]);

    let short = json!({ "metadata": { "name": "ALICE" }, "spec": { "displayName": "A" } });
    let changed = alice.put(ME, &short).await.expect(200);
    assert_eq!((changed["spec"].get("phone"), changed["spec"].get("bio")), (None, None));
    assert_eq!(changed["metadata"]["annotations"], json!({ "only": "this" }));
    assert_eq!(changed["spec"]["avatar"], read["spec"]["avatar"]);

    let of_another = json!({ "metadata": { "name": "admin" }, "spec": { "displayName": "A" } });
    let refused = alice.put(ME, &of_another).await.expect_problem(400, "invalid");
    assert_eq!(refused["errors"][0]["field"], "metadata.name");
    patch(&alice, "alice", &json!({}))
        .await
        .expect_problem(403, "forbidden");
}
