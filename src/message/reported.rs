//! What is reported of messages that had left.

use super::{
    BounceKind, Message, State,
    entity::{Column, Entity},
};
use crate::kit::{
    db::Tx,
    error::Result,
    id::MessageId,
    mail::{Report, ReportKind},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

/// A report, and what it changed.
#[derive(Debug)]
pub enum Reported {
    /// There is no such message, or none that left.
    Unknown,
    /// A relay is being told of it still.
    UnderWay,
    /// It was reported before, or something that says more was.
    Before,
    /// It is news of this message.
    News(Box<Message>),
}

/// Writes down what is reported of a message, once: who sends the same report again and again changes nothing.
pub async fn report(tx: &Tx, id: MessageId, report: &Report) -> Result<Reported> {
    let Some(message) = Entity::find_by_id(id).one(tx).await? else {
        return Ok(Reported::Unknown);
    };
    match message.state {
        State::Sent | State::Bounced | State::Complained => {}
        State::Sending => return Ok(Reported::UnderWay),
        _ => return Ok(Reported::Unknown),
    }
    let at = report.at.filter(|at| (message.created_at..=tx.now).contains(at));
    let at = at.unwrap_or(tx.now);
    let this = Entity::update_many()
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Sent));
    let (kind, state) = match report.kind {
        ReportKind::Delivered => {
            let seen = this
                .col_expr(Column::DeliveredAt, Expr::value(at))
                .filter(Column::DeliveredAt.is_null());
            return Ok(news(message, seen.exec(tx).await?.rows_affected));
        }
        ReportKind::Bounce => (BounceKind::Bounce, State::Bounced),
        ReportKind::Complaint => (BounceKind::Complaint, State::Complained),
        ReportKind::Delay => (BounceKind::Delay, State::Sent),
    };
    let mut write = this
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::BounceKind, Expr::value(kind))
        .col_expr(Column::BounceStatus, Expr::value(report.status.clone()))
        .col_expr(Column::BounceDiagnostic, Expr::value(report.diagnostic.clone()))
        .col_expr(Column::BouncedAt, Expr::value(at));
    if kind == BounceKind::Delay {
        write = write.filter(Column::BounceKind.is_null());
    }
    let written = write.exec(tx).await?.rows_affected;
    if written == 1 && state != State::Sent {
        let after = json!({
            "state": sea_orm::ActiveEnum::to_value(&state),
            "status": report.status,
            "diagnostic": report.diagnostic,
        });
        tx.changed("message", &id, json!({ "state": "sent" }), after);
    }
    Ok(news(message, written))
}

fn news(message: Message, written: u64) -> Reported {
    match written {
        0 => Reported::Before,
        _ => Reported::News(Box::new(message)),
    }
}
