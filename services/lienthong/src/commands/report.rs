//! `report`: what heads of office answer for, at a position.
//!
//! A report is the same bytes for ever at the position that it names.

mod behind;
mod ii06;
mod scope;
mod shares;

use clap::Subcommand;

pub(super) use ii06::Report as Ii06Report;
pub(super) use scope::{Rows, today};

use crate::Output;
use crate::connection::{Connection, Empty, Reach};
use crate::exit::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Báo cáo II.06: received, solved, pending, on time and late (TT 01/2020/TT-VPCP)
    #[command(after_help = "Examples:\n  \
        lienthong report ii06 --from 2025-12-15 --to 2026-12-14          # the official year\n  \
        lienthong report ii06 --from 2026-06-15 --to 2026-09-14 --rows procedure --agency H56.2\n  \
        lienthong report ii06 --from 2025-12-15 --to 2026-12-14 --at 0:17,5:2 --output json")]
    Ii06(ii06::GetIi06),
    /// The dossiers behind a figure of II.06, by its row and column
    #[command(after_help = "Examples:\n  \
        lienthong report behind --from 2025-12-15 --to 2026-12-14 --column 10                  # solved late\n  \
        lienthong report behind --from 2025-12-15 --to 2026-12-14 --column 13 --row H56.2      # pending and overdue")]
    Behind(behind::ListBehind),
    /// Share of online filing, and on-time share by agency and month
    Shares(shares::GetShares),
    /// Payments by channel, by amount
    Payments(shares::GetPayments),
    /// The indicators of QĐ 766/QĐ-TTg that the log can feed
    Indicators(shares::GetIndicators),
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    super::block_on(async {
        let connection = Connection::open(command.reach(), Empty::Refuse, output).await?;
        let told = match command {
            Command::Ii06(asked) => asked.run(&connection, output).await,
            Command::Behind(asked) => asked.run(&connection, output).await,
            Command::Shares(asked) => asked.run(&connection, output).await,
            Command::Payments(asked) => asked.run(&connection, output).await,
            Command::Indicators(asked) => asked.run(&connection, output).await,
        };
        connection.close().await;
        told
    })
}

impl Command {
    fn reach(&self) -> &Reach {
        match self {
            Self::Ii06(asked) => &asked.scope.reach,
            Self::Behind(asked) => &asked.scope.reach,
            Self::Shares(asked) => &asked.scope.reach,
            Self::Payments(asked) => &asked.scope.reach,
            Self::Indicators(asked) => &asked.scope.reach,
        }
    }
}
