//! Lists of users that nobody can mean: the answer says what is wrong with which parameter.

use crate::contract::bad_input::{USERS, check_field};
use crate::support::{Person, Reply, TestApp};

/// A list with these parameters.
async fn list(owner: &Person<'_>, parameters: &[(&str, &str)]) -> Reply {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    owner.get(&format!("{USERS}?{query}")).await
}

/// What is said of the first thing that is wrong.
fn said(reply: &Reply) -> String {
    reply.json()["errors"][0]["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_label_selector_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let long = "a".repeat(254);
    let long_value = format!("a={long}");
    let values: Vec<_> = (0..21).map(|n| n.to_string()).collect();
    let many = format!("a=({})", values.join(","));
    for bad in [
        "=",
        "=x",
        "!",
        "!=x",
        "! ",
        "a b",
        "a b=c",
        "-a",
        "a-",
        "ä=b",
        "a=(b",
        "a!=(b",
        "a=(",
        "a=()",
        "a=(b,)",
        "a=(,b)",
        "a=b\nc",
        "a\u{0}=b",
        "a\u{7f}",
        "!!a",
        "a,",
        ",a",
        "a in b",
        "a in (b",
        "a notin",
        "a in (b),!",
        "tea_",
        &long,
        &long_value,
        &many,
    ] {
        let reply = list(&owner, &[("labelSelector", bad)]).await;
        check_field(bad, &reply, "labelSelector");
        assert!(reply.text.len() < 600, "{bad}: what was sent is not sent back whole");
        // One that is right beside it does not help.
        let reply = list(&owner, &[("labelSelector", "team"), ("labelSelector", bad)]).await;
        check_field(bad, &reply, "labelSelector");
    }
    check_field(
        "21 of them",
        &list(&owner, &[("labelSelector", "a"); 21]).await,
        "labelSelector",
    );
    list(&owner, &[("labelSelector", "a"); 20]).await.expect(200);
    list(&owner, &[("labelSelector", &many.replace(",20", ""))])
        .await
        .expect(200);
}

#[tokio::test]
async fn a_field_selector_that_is_none_is_refused_with_the_fields_there_are() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for unknown in [
        "bio=x",
        "spec.bio=x",
        "spec.password=x",
        "id=x",
        "Name=x",
        "name.=x",
        "roles=owner",
        "1=1",
    ] {
        let reply = list(&owner, &[("fieldSelector", unknown)]).await;
        check_field(unknown, &reply, "fieldSelector");
        let known = "name, metadata.name, status.id, spec.displayName, spec.email, spec.emailVerified, spec.disabled";
        assert!(said(&reply).contains(known), "{unknown}: {}", reply.text);
    }
    for bad in [
        "name",
        "!name",
        "=x",
        "name=(a",
        "name=(a,)",
        "name=a\u{1}",
        "spec.disabled=maybe",
        "spec.disabled=",
        "spec.disabled=TRUE",
        "spec.disabled=(true,false)",
        "spec.emailVerified=1",
        "spec.emailVerified!=yes",
    ] {
        let reply = list(&owner, &[("fieldSelector", bad)]).await;
        check_field(bad, &reply, "fieldSelector");
    }
    check_field(
        "21 of them",
        &list(&owner, &[("fieldSelector", "name=a"); 21]).await,
        "fieldSelector",
    );
    list(&owner, &[("fieldSelector", "name=a"); 20]).await.expect(200);
}

#[tokio::test]
async fn a_sort_that_is_none_is_refused_with_the_properties_there_are() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for unknown in [
        "bio",
        "spec.email,asc",
        "id,desc",
        "password_hash",
        "1",
        ",asc",
        "name",
        "METADATA.name",
    ] {
        let reply = list(&owner, &[("sort", unknown)]).await;
        check_field(unknown, &reply, "sort");
        let known = "metadata.creationTimestamp, metadata.name, spec.displayName";
        assert!(said(&reply).contains(known), "{unknown}: {}", reply.text);
    }
    for bad in [
        "metadata.name,",
        "metadata.name,up",
        "metadata.name,asc,desc",
        "metadata.name;drop table user",
    ] {
        check_field(bad, &list(&owner, &[("sort", bad)]).await, "sort");
    }
    let twice = [("sort", "metadata.name,asc"), ("sort", "metadata.name,desc")];
    check_field("twice", &list(&owner, &twice).await, "sort");
    check_field("four", &list(&owner, &[("sort", "metadata.name"); 4]).await, "sort");
    list(&owner, &[("sort", " metadata.name , DESC ")]).await.expect(200);
}

#[tokio::test]
async fn a_page_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for parameter in ["page", "size"] {
        for bad in [
            "-1",
            "x",
            "1.5",
            "1e3",
            "0x10",
            "4294967296",
            "99999999999999999999",
            "",
            " ",
            "1,2",
            "٣",
            "NaN",
        ] {
            check_field(bad, &list(&owner, &[(parameter, bad)]).await, parameter);
        }
    }
    for large in ["201", "1000", "1000000", "4294967295"] {
        let reply = list(&owner, &[("size", large)]).await;
        check_field(large, &reply, "size");
        assert!(said(&reply).contains("200"), "{}", reply.text);
    }
    for beyond in [
        [("page", "1000000"), ("size", "200")],
        [("page", "4294967295"), ("size", "1")],
    ] {
        let reply = list(&owner, &beyond).await;
        check_field("beyond", &reply, "page");
        assert!(said(&reply).contains("nextCursor"), "{}", reply.text);
    }
    let most = list(&owner, &[("page", "51"), ("size", "200")]).await.expect(200);
    assert_eq!(most["items"], serde_json::json!([]));
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let long = "a".repeat(201);
    for (parameter, bad) in [
        ("keyword", long.as_str()),
        ("keyword", "a\0b"),
        ("role", ""),
        ("role", "a b"),
        ("role", "-"),
        ("role", "own\u{435}r"),
        ("role", &long),
    ] {
        check_field(bad, &list(&owner, &[(parameter, bad)]).await, parameter);
    }
    // Not only the first, and whatever order they come in.
    let both = [("sort", "bio"), ("size", "1000000")];
    let reply = list(&owner, &both).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    list(&owner, &[("keyword", &long[1..]), ("role", "owner")])
        .await
        .expect(200);
}
