//! Whose turn it is: which messages leave first, and whether one still may be cancelled.

use super::{ask, make, start};
use crate::support::{
    relay::{Relay, header},
    roles::{USERS, make_user},
    rounds,
    smtp::sender_at,
};
use serde_json::json;

const MESSAGES: &str = "/apis/console/v1alpha1/messages";

#[tokio::test]
async fn codes_overtake_notices_while_a_sender_is_paced() {
    let main = Relay::start().await;
    let app = start(&[&main]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for name in ["ada", "bob"] {
        make_user(&owner, name, "user").await;
        let proven = json!({ "email": format!("{name}@example.com"), "verified": true });
        owner.put(&format!("{USERS}/{name}/email"), &proven).await.expect(200);
    }
    app.work().await;
    let mut paced = sender_at("main", main.port);
    paced["spec"]["perMinute"] = 2.into();
    make(&owner, &paced).await;
    for address in ["first", "second", "ada", "bob", "third", "fourth"] {
        ask(&tenant, &format!("{address}@example.com")).await;
    }
    app.work().await;
    let to = || {
        let taken = main.taken();
        let names = taken.iter().map(|mail| header(mail, "To"));
        names
            .map(|to| to.trim_end_matches("@example.com").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(to(), ["first", "second"]);
    app.advance(63);
    app.work().await;
    assert_eq!(to(), ["first", "second", "third", "fourth"], "though they came later");
    app.advance(63);
    app.work().await;
    assert_eq!(to()[4..], ["ada", "bob"]);
}

#[tokio::test]
async fn of_who_cancels_a_message_and_the_worker_that_takes_it_up_one_comes_first() {
    let main = Relay::start().await;
    let app = start(&[&main]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("main", main.port)).await;
    for round in 0..4 * rounds() {
        let owner = tenant.owner().await;
        ask(&tenant, &format!("user-{round}@example.com")).await;
        let list = owner.get(MESSAGES).await.expect(200);
        let name = list["items"][0]["metadata"]["name"].as_str().unwrap().to_owned();
        let taken = main.taken().len();
        let (path, body) = (format!("{MESSAGES}/{name}/cancel"), json!({}));
        let (cancelled, _) = tokio::join!(owner.post(&path, &body), app.work());
        let message = owner.get(&format!("{MESSAGES}/{name}")).await.expect(200);
        let expected = match cancelled.status.as_u16() {
            200 => ("cancelled", taken),
            409 => ("sent", taken + 1),
            status => panic!("{status} {}", cancelled.text),
        };
        let state = message["status"]["state"].as_str().unwrap();
        assert_eq!((state, main.taken().len()), expected);
        app.advance(60);
    }
}
