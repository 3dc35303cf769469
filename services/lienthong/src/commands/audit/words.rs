//! What auditors read instead of published names.

use lienthong_admission::Reason;

/// Why a record counts for nothing, with the name that programs know it by.
pub(super) fn reason(reason: Reason) -> String {
    let words = match reason {
        Reason::Size => "lớn hơn mức cho phép",
        Reason::Decoding => "không đúng định dạng bản ghi",
        Reason::Fence => "mốc sửa đổi không mới hơn hoặc không phải của cơ quan quản lý",
        Reason::Partition => "sai phân vùng hoặc khóa của mã hồ sơ",
        Reason::OtherHistory => "thuộc nhật ký hoặc lịch sử khác",
        Reason::Repeat => "lệnh đã có",
        Reason::Stale => "dựa trên trạng thái đã cũ",
        Reason::Backdated => "lùi thời điểm trước bản ghi cuối",
        Reason::Ahead => "thời điểm quá xa trong tương lai",
        Reason::Expired => "ghi vào nhật ký quá muộn",
        Reason::Seal => "dấu niêm phong không khớp",
        Reason::Key => "khóa của nút không có hiệu lực với cơ quan",
        Reason::Code => "mã hồ sơ không phải của cơ quan",
        Reason::Role => "cơ quan hoặc cán bộ không có thẩm quyền",
        Reason::Transition => "trạng thái hồ sơ không cho phép",
        Reason::Late => "đã hết thời hạn chờ",
        Reason::Wraps => "phong bì dữ liệu cá nhân không khớp",
        Reason::Full => "hồ sơ đã đủ số bản ghi tối đa",
    };
    format!("{words} ({})", reason.name())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_reason_has_words_of_its_own_and_its_name() {
        let told: BTreeSet<_> = Reason::ALL
            .iter()
            .map(|known| {
                let told = reason(*known);
                assert!(told.ends_with(&format!(" ({})", known.name())), "{told}");
                told.split_once(" (").map(|(words, _)| words.to_owned())
            })
            .collect();
        assert_eq!(told.len(), Reason::ALL.len());
    }
}
