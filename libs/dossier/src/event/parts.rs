//! What events speak of: openings, papers, notice lines, history from elsewhere.

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_registry::{CommuneCode, DocumentKind, PackVersion, ProcedureCode, StepId};
use lienthong_tax::Dong;
use serde::{Deserialize, Serialize};

use super::{ApplicantKind, Channel, CopyForm, Delivery, EnvelopeName};
use crate::status::Status;
use crate::text::{Ground, SourceName};

/// What a dossier starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The procedure (mã TTHC).
    pub procedure: ProcedureCode,
    /// Versions in force on the day, kept to the end.
    pub pins: Pins,
    /// Commune of the case, which need not be the desk's.
    pub commune: CommuneCode,
    /// How it was filed.
    pub channel: Channel,
    /// Who the applicant is in kind.
    pub applicant: ApplicantKind,
    /// What was handed in.
    pub documents: Vec<Document>,
    /// Applicant and parties, enveloped.
    pub detail: Option<EnvelopeName>,
    /// The step it starts with; none when it is not taken.
    pub step: Option<StepId>,
}

/// The versions a dossier was received under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// Version of the procedure pack.
    pub pack: PackVersion,
    /// Version of the calendar.
    pub calendar: String,
    /// Version of the tax rates.
    pub rates: String,
}

/// How a dossier of another system goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The procedure (mã TTHC).
    pub procedure: ProcedureCode,
    /// Versions in force on the day of the adoption, kept to the end.
    pub pins: Pins,
    /// Commune of the case.
    pub commune: CommuneCode,
    /// The step that it is at.
    pub step: StepId,
    /// Whether the adopting agency performs the step itself; else it waits until that one's agency has accepted the dossier.
    pub begins: bool,
}

/// When an open referral is due now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferralDue {
    /// Its ordinal.
    pub referral: u32,
    /// When its answer is due.
    pub due: Instant,
}

/// One paper of a dossier. Its file, if any, lies elsewhere under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Which of the pack's documents.
    pub kind: DocumentKind,
    /// Original, copy or electronic.
    pub form: CopyForm,
    /// How many.
    pub copies: u16,
    /// SHA-256 of the encrypted file.
    pub sha256: Option<[u8; 32]>,
}

/// What comes after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The same agency goes on with this step at once.
    Begins(StepId),
    /// This step waits until its agency has accepted the dossier.
    Awaits(StepId),
    /// Nothing: the procedure is through.
    Ends,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The current step, a posting.
    Step,
    /// An answer whose silence agrees.
    Referral(u32),
    /// A hold whose legal time passes.
    Hold(u32),
}

/// Taxpayer (ordinal into the enveloped list of parties, from 1) and budget item (tiểu mục).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    /// Ordinal of the taxpayer.
    pub taxpayer: u32,
    /// Budget item, for example 2801.
    pub item: u32,
}

/// One line of section III of a notice. Keyed by notice, account and due date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// Whose, and which budget item.
    pub account: Account,
    /// To be paid until the end of this day.
    pub due_date: Date,
    /// Taxable value (III.1), đồng.
    pub taxable: Dong,
    /// To be paid before exemptions (III.2), đồng.
    pub due: Dong,
    /// Exempt amount (III.3.2), đồng; never more than `due`.
    pub exempt: Dong,
    /// Why exempt (III.3.1).
    pub exempt_ground: Option<Ground>,
}

impl NoticeLine {
    /// What the line asks for before payments: due less exempt, đồng.
    #[must_use]
    pub fn owed(&self) -> Dong {
        self.due.saturating_sub(self.exempt)
    }
}

/// History as another system tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The source.
    pub source: SourceName,
    /// Its record within the source.
    pub record: String,
    /// What was done, in the order told.
    pub activities: Vec<Activity>,
    /// National status, where the source gives one.
    pub status: Option<Status>,
    /// What a national sync record tells of the dossier as a whole.
    pub told: Option<Told>,
}

/// A dossier as a national sync record (`DongBoHoSoMC`) tells it, as far as that is about offices. Whatever may be about
/// persons is enveloped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Told {
    /// The procedure (MaTTHC, TenTTHC).
    pub procedure: Named,
    /// Its field (MaLinhVuc, TenLinhVuc).
    pub field: Named,
    /// The agency: the code that the dossier's code begins with, the name of the unit (DonViXuLy).
    pub agency: Named,
    /// How it was filed (KenhThucHien).
    pub channel: Option<Channel>,
    /// Who the applicant is in kind (LoaiDoiTuong).
    pub applicant: Option<ApplicantKind>,
    /// How the result is handed out (HinhThuc).
    pub delivery: Option<Delivery>,
    /// When it was filed (NgayNopHoSo).
    pub filed_at: Option<Instant>,
    /// When the desk accepted it (NgayTiepNhan): every count starts here.
    pub received_at: Option<Instant>,
    /// The current promise (NgayHenTra).
    pub due: Option<Instant>,
    /// The end of processing, status 9 (NgayKetThucXuLy).
    pub finished_at: Option<Instant>,
    /// Handed to the citizen, status 10 (NgayTra).
    pub returned_at: Option<Instant>,
    /// Refused at the desk, status 3 (NgayTuChoi).
    pub refused_at: Option<Instant>,
    /// Supplements asked for, in order (DanhSachHoSoBoSung).
    pub supplements: Vec<ToldSupplement>,
    /// Fees (DanhSachLePhi).
    pub fees: Vec<ToldFee>,
    /// Whether it was paid online, 0 to 3 (DuocThanhToanTrucTuyen).
    pub online_payment: Option<u8>,
    /// A component is digitised (HoSoCoThanhPhanSoHoa).
    pub digitised: Option<bool>,
    /// The filer was authenticated through VNeID (TaiKhoanDuocXacThucVoiVNeID).
    pub vneid: Option<bool>,
    /// Counts over TaiLieuNop and DanhSachGiayToKetQua.
    pub papers: ToldPapers,
}

/// A code with the name that the source gives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Named {
    /// The code; empty where there is none.
    pub code: String,
    /// The name; empty where there is none.
    pub name: String,
}

/// A supplement that a source tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldSupplement {
    /// Asked for (NgayBoSung).
    pub asked_at: Instant,
    /// Handed in (NgayTiepNhanBoSung).
    pub answered_at: Option<Instant>,
    /// The promise before (NgayHenTraTruoc).
    pub due_before: Option<Instant>,
    /// The promise after (NgayHenTraMoi).
    pub due_after: Option<Instant>,
}

/// A fee that a source tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldFee {
    /// When it is collected: 1 at reception, 2 at a supplement, 4 at the return; 0 where it is not said (HinhThucThu).
    pub collected: u8,
    /// đồng (Gia).
    pub amount: Dong,
}

/// What a source tells of the papers of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ToldPapers {
    /// Components with a file.
    pub filed: u32,
    /// Components that were digitised (DuocSoHoa).
    pub digitised: u32,
    /// Components used again from an earlier result (DuocTaiSuDung 1, 2).
    pub reused: u32,
    /// Components from the citizen's own store (DuocLayTuKhoDMQG).
    pub from_store: u32,
    /// Results with a file.
    pub results: u32,
    /// Results with a file and a code.
    pub coded_results: u32,
}

/// One activity of imported history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// What was done.
    pub name: String,
    /// Who did it.
    pub resource: Option<String>,
    /// The unit it was done in.
    pub group: Option<String>,
    /// Its lifecycle transition, for example `complete`.
    pub lifecycle: Option<String>,
    /// When, as an instant.
    pub at: Instant,
    /// The source's offset from UTC at that time, minutes.
    pub offset_minutes: i32,
    /// The national status that it led to, where the source gives one (TrangThai).
    pub status: Option<Status>,
    /// When the work on it began (NgayBatDau).
    pub began_at: Option<Instant>,
    /// When it was to be done (NgayKetThucTheoQuyDinh).
    pub due: Option<Instant>,
}
