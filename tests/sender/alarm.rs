//! What owners are told of a sender that fails.

use super::{ask, make, start};
use crate::support::{
    Person,
    relay::{Relay, header},
    roles::make_user,
    smtp::sender_at,
};
use serde_json::Value;

/// The messages that tell of a sender that fails.
async fn told(owner: &Person<'_>) -> Vec<Value> {
    let path = "/apis/console/v1alpha1/messages?fieldSelector=spec.template=sender_failing";
    owner.get(path).await.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn owners_are_mailed_once_by_another_sender_when_one_starts_to_fail() {
    let (main, spare) = (Relay::start().await, Relay::start().await);
    let app = start(&[&main, &spare]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("main", main.port)).await;
    make(&owner, &sender_at("spare", spare.port)).await;
    // Whose address is not proven is not mailed, and who is no owner neither.
    make_user(&owner, "unproven", "owner").await;
    make_user(&owner, "bob", "mail-manager").await;
    main.answer("MAIL", "535 5.7.8 no");
    ask(&tenant, "a@example.com").await;
    app.work().await;
    let mails = spare.taken();
    let alarm = mails.last().unwrap();
    assert_eq!((mails.len(), header(alarm, "To")), (2, "admin@localhost".to_owned()));
    assert!(header(alarm, "Subject").contains("does not leave by main"), "{alarm}");
    assert!(alarm.contains("/console/senders"), "{alarm}");

    // It fails on.
    ask(&tenant, "b@example.com").await;
    app.work().await;
    app.advance(61);
    app.work().await;
    assert_eq!((spare.taken().len(), told(&owner).await.len()), (3, 1));
    // It works again, and not any more.
    main.heal();
    app.advance(301);
    app.work().await;
    main.answer("MAIL", "535 5.7.8 no");
    let owner = tenant.owner().await;
    ask(&tenant, "c@example.com").await;
    app.work().await;
    assert_eq!((spare.taken().len(), told(&owner).await.len()), (5, 2));
}

#[tokio::test]
async fn owners_are_not_mailed_where_no_other_sender_works() {
    let main = Relay::start().await;
    let mut app = start(&[&main]).await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("main", main.port)).await;
    main.answer("MAIL", "535 5.7.8 no");
    ask(&tenant, "a@example.com").await;
    app.work().await;
    let told = told(&owner).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["status"]["state"], "dropped", "{told:?}");
    main.heal();
    app.advance(63);
    app.work().await;
    app.advance(3);
    app.work().await;
    let to: Vec<_> = main.taken().iter().map(|mail| header(mail, "To")).collect();
    assert_eq!(to, ["a@example.com"]);
}
