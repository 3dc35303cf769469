//! Money that came, by channel and by amount.

use std::collections::BTreeMap;

use lienthong_dossier::PaymentChannel;

use crate::facts::Facts;
use crate::percent::Share;
use crate::window::Window;

/// Money of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaidBy {
    /// Payments.
    pub payments: u64,
    /// đồng.
    pub amount: u64,
    /// Payments for which no receipt was given yet.
    pub unreceipted: u64,
    /// Payments that were found on no statement yet.
    pub unreconciled: u64,
}

/// Money that came within a window, void vouchers left out.
#[derive(Debug, Clone)]
pub struct Payments {
    window: Window,
    channels: BTreeMap<PaymentChannel, PaidBy>,
}

impl Payments {
    /// Before the first dossier.
    #[must_use]
    pub fn new(window: Window) -> Self {
        let channels = PaymentChannel::ALL.iter().map(|channel| (*channel, PaidBy::default()));
        Self { window, channels: channels.collect() }
    }

    /// One more dossier.
    pub fn count(&mut self, facts: &Facts) {
        for came in &facts.payments {
            if self.window.holds(came.at) {
                let paid = self.channels.entry(came.channel).or_default();
                paid.payments += 1;
                paid.unreceipted += u64::from(!came.receipted);
                paid.unreconciled += u64::from(!came.reconciled);
                // 2^64 đồng are ten thousand times what all of the country earns in a year.
                paid.amount = paid.amount.saturating_add(came.amount);
            }
        }
    }

    /// All of it, đồng.
    #[must_use]
    pub fn amount(&self) -> u64 {
        self.channels.values().fold(0, |sum, paid| sum.saturating_add(paid.amount))
    }

    /// By channel, each with its share of the whole by amount.
    #[must_use]
    pub fn channels(&self) -> Vec<(PaymentChannel, PaidBy, Share)> {
        let denominator = self.amount();
        let share = |paid: &PaidBy| Share { numerator: paid.amount, denominator };
        self.channels.iter().map(|(channel, paid)| (*channel, *paid, share(paid))).collect()
    }
}
