//! Those who look after a tenant are told of a domain that is about to be lost.

use super::{DAY, claim, prove, unique, with_address};
use crate::{
    notification::{addresses, decide, make_proven, subject, told},
    support::dns,
};

#[tokio::test]
async fn owners_are_told_once_each_time_that_the_record_of_a_domain_is_gone() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let owner = acme.owner().await;
    make_proven(&owner, "helper", "support").await;
    let (domain, other) = (unique("told"), unique("kept"));
    prove(&owner, &domain).await;
    prove(&owner, &other).await;
    let (name, value) = claim(&owner, &domain).await;
    let day = async || {
        app.advance(DAY + 1);
        app.work().await;
    };
    day().await;
    assert!(told(&acme, "domain_failing").await.is_empty(), "all is well");
    dns::USUAL.say(&name, &[]);
    day().await;
    let mails = told(&acme, "domain_failing").await;
    assert_eq!(addresses(&mails), ["admin@localhost"]);
    assert!(subject(&mails[0]).starts_with(&domain), "{mails:?}");
    day().await;
    assert_eq!(told(&acme, "domain_failing").await.len(), 1, "it fails on");
    dns::USUAL.say(&name, &[&value]);
    day().await;
    dns::USUAL.say(&name, &[]);
    decide(&acme.owner().await, "domainFailing", &["support"], true).await;
    day().await;
    let mails = told(&acme, "domain_failing").await;
    assert_eq!(addresses(&mails), ["admin@localhost", "helper@example.test"]);
}
