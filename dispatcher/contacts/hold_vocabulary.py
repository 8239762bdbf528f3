"""The words of which the phrases of `hold_phrases` and `hold_exceptions` are made: parts, and spellings."""

from __future__ import annotations

from collections.abc import Mapping

from dispatcher.vietnamese.phone.numbering import AREA_CODES

_PROVINCES = "|".join(province.replace("-", " ").lower() for province, *_codes in AREA_CODES)

# How officers write a word, beside leaving out its accents.
SPELLINGS: Mapping[str, str] = {
    "không": "ko k kg kh khg hok hông hổng hem khum kô khôg 0 k0 khog chẳng chả hổg khôn",
    "đã": "dã đả đâ dả",
    "mất": "mẩt mấ mât",
    "chết": "chểt chêt",
    "nữa": "nx nứa nựa",
    "nhận": "nhân",
    "nhắn": "nhăn nhắng nhán nt",
    "gửi": "gởi gừi",
    "được": "đc dc đk đuoc",
    "đúng": "đg",
    "rồi": "r rui rùi ròi",
    "ngừng": "ngưng",
    "yêu": "iu",
    "hy": "hi",
    "sĩ": "sỹ si sy",
    "ký": "kí ki",
    "ngoài": "ngòai",
    "người": "ng ngừi ngươi",
    "chồng": "ck",
    "vợ": "vk",
    "bố": "ba tía",
    "mẹ": "má",
    "trước": "trc",
    "số": "sô",
}

PARTS: Mapping[str, str] = {
    "not": "không|đâu có|không hề|chưa",
    "phone": """
        (số|so|s) (điện thoại|đt|dt|đ thoại|đtdđ|dtdd|di động|máy|thuê bao|đ|phone) | số {nhà|hộ|thẻ} |
        sđt|
        đt số|điện thoại|đ thoại|đt|đtdđ|sim|thuê bao|tb|di động|dế|phone
    """,
    "device": "<phone>|máy",
    "message": """
        tin nhắn|nhắn tin|tin|tn|sms|tbáo|thông báo|thôngbáo|thông tin|t nhắn|tnhắn|zalo|cuộc gọi|điện
        thoại|đt|
        mail|email|thư {mời|tay}|gì|bất kỳ|bất cứ|nữa|liên lạc|liên hệ|làm phiền
    """,
    "reach": "gửi|liên lạc|liên hệ|ll|lh|llạc|l lạc|l hệ|gọi|nhắn|kết nối|nhắn tin|gửi tin|gọi điện",
    "want": """
        muốn|cần|thích|chịu|cho|cho phép|được|đồng ý|có nhu cầu|tiếp tục|tiếp|phải|bị|tham gia|có|đăng ký|
        đk|ai|
        thèm
    """,
    "person": """
        ông|bà|cụ|ô|b|bác|chú|cô|dì|anh|chị|người|đối tượng|đ c|đc|đồng chí|chủ hộ|chủ|chồng|vợ|thầy|cha
        xứ|
        hội viên|đảng viên|ổng|bả
    """,
    "unit": """
        xã|thôn|xóm|tổ|ấp|bản|khóm|làng|phường|huyện|tỉnh|thành phố|tp|t phố|quận|thị trấn|thị xã|địa
        phương|
        đp|đ phương|địa phg|khu|chi bộ|đảng bộ|đơn vị|cơ quan|trường|lớp|vùng|nơi|chỗ|nhà|hội|nước|buôn|
        tdp|
        kp|khu phố
    """,
    "here": """
        [tại|ở|trong|trên] (đây|đó|địa phương|đp|đ phương|địa phg|thôn|xóm|xã|tổ|ấp|bản|khóm|làng|phường|
        khu|nhà|
        nơi cư trú|nơi này|trụ sở|huyện|tdp|địa bàn|quê)
    """,
    "live": """
        ở|sống|sinh sống|cư trú|thường trú|lưu trú|có mặt|định cư|làm ăn|lập nghiệp|có nhà|thực tế|có hộ
        khẩu|
        sinh hoạt|làm việc|công tác|học
    """,
    "abroad": """
        nước ngoài|nước nggoài|nc ngoài|n ngoài|nn|nước khác|nhật [bản]|hàn [quốc]|đài loan|mỹ|hoa kỳ|usa|
        úc|
        canada|séc|tiệp|ba lan|angola|ăng gô la|malaysia|mã lai|singapore|sing|sin|campuchia|cam pu chia|
        trung
        quốc|tq|liên bang nga|nga|đức|pháp|anh quốc|châu âu|châu phi|hungary|rumani|macao|ma cao|ả rập|
        dubai|
        israel|thái lan|thái {bình|nguyên|thụy|hòa|học}|lào {cai}|ý {kiến}|bỉ|hà lan|na uy|thụy điển|
        phần lan|ukraina|ucraina|hồng kông|hongkong|algeria|libya|síp|bồ đào nha|tây ban nha|philippin
    """,
    "province": f"""
        {_PROVINCES} | đắk lắk|đắc lắc|daklak|đak lak|đắk nông|vũng tàu|huế|sài gòn|sg|tp hcm|hcm|tphcm|
        hn|hp|
        tp hồ chí minh|thủ đô|vinh|nha trang|đà lạt|buôn ma thuột|hạ long|biên hòa|tây nguyên
    """,
    "far": """
        xa|nơi khác|chỗ khác|chỗ mới|nơi mới|nhà mới|(<unit>) (khác|bên|bạn|mới)|ngoài (xã|huyện|
        tỉnh|địa phương|bắc|trung)|miền (nam|bắc|trung|tây|đông|xuôi|ngược)|nam|bắc|trong nam|thành phố|
        tp|t phố|<abroad>|<province>|(nhà|quê|bên) (chồng|vợ|ngoại|nội)|phố|kinh tế mới|trung ương
    """,
    "go": "đi|sang|qua|vào|vô|ra|lên|về|đến|tới|xuống|chuyển",
    "when": """
        ngày|năm|tháng|hôm|tết|lúc|do|vì|rồi|từ|sớm|lâu|tại|trong|trước|sau|khi|đêm|sáng|chiều|tối|hồi|
        cách|
        đột|không rõ|được #|vào|mấy|vừa|đầu|cuối|giữa|nay|t #|q #|th #|thg #|hết {sổ}|dịp|mùng|trẻ|bên|ở|
        trên|mùa|
        luôn|cả rồi|thảm|bất ngờ|theo|vụ|đúng|xác|ngay|xong|r $|#|đợt|tuần|hổm|bữa|thời|lâu|hết rồi|già|
        nên|nhưng|mà|đó|đã
    """,
    "lost": """
        sức|điện thoại|đt|máy|sóng|tín hiệu|việc|ngủ|trí|khả năng|tài sản|giấy|thẻ|đất|mùa|nhà|tiền|trộm|
        xe|
        ngón|chân|tay|sổ!|sổ (hộ|đỏ|bh|khám|nghèo|tiết|hưu|lương)|cccd|cmnd|cmt|căn cước|chứng minh|bằng|
        hộ khẩu|hộ chiếu|con dấu|chữ ký|điện|nước|
        sim đã làm|sim làm lại|mạng|wifi|internet|mật khẩu|tài khoản|facebook|zalo|nick|hồ sơ|dữ liệu|
        quyền|ví!|lòng|niềm tin|năng lực|
        hành vi|thính|thị lực|cân đối|trâu|bò|gà|lợn|vịt|chó|cắp|tư cách|gốc|trật tự|an toàn|vệ sinh|đoàn
        kết|
        hiệu lực|máu|răng|phí|thời gian {dịch}|quyền lợi|chức|chìa khóa|túi|hàng|lửa|phương tiện|biển|
        đăng ký|cả xe|
        thông tin|học bạ|quốc tịch|giấc|ý thức|vía!|vui|sữa|giọng|tín nhiệm|nửa|cái|con (bò|trâu|gà|lợn|
        chó|dê|dấu|xe)|cơ hội|lượt|suất|dấu|phiếu|vé|tem|hóa đơn|tiếng|
        dạy|mát|quyết định|phôi|bản|đơn|văn bằng|chứng chỉ|phanh|đồ!|của!|laptop|hình|ảnh|pin|kính|mắt|
        tai|
        cân bằng|vốn|ruộng|vườn|rừng|cọc|gạo|lương|hợp đồng|công {an}|ăn|gần|hơn|khoảng|thêm|nhiều|ít
    """,
    "relative": """
        (con|em|cháu|anh|chị) (trai|gái|dâu|rể|ruột|cả|út|đầu|thứ|họ|đẻ) | con|cháu|bố mẹ|bố đẻ|mẹ đẻ|bố|
        mẹ|cha|u|thầy
        u|thân sinh|người thân
    """,
    "other": """
        <relative>|em|bạn|hàng xóm|người khác|người lạ|người thân|người nhà|người ta|chồng|vợ|trưởng thôn|
        trưởng xóm|tổ trưởng|cửa hàng|quán|công ty|cty|cơ quan|đại lý|chủ mới|thông gia|bên cạnh|cô giáo|
        đứa|chủ
        trọ|khách|ai đó|anh|chị|dì|chú {này}|cậu|mợ|thím|(ông|bà|thuê bao|chủ) khác|cán bộ|công an|ubnd|
        ủy ban|văn phòng|
        trường|trạm|y tế|cộng tác viên|ctv|chi hội|bí thư|quầy|tiệm|shop|người khai|nhà hàng xóm|kế toán
    """,
    "bad": """
        sai|nhầm|lộn|lầm|trật|hỏng|hư|bỏ|hủy|khóa|cắt|chết|ma|ảo|rác|thu hồi|hết hạn|tạm|ngừng|cháy|vứt|
        bị mất|thiếu|
        thừa|dư|khác|đổi|thay|chặn|tắt|lạ|lỗi|fail|cấp cho|chuyển chủ|sang tên|đã bán|bán rồi|chủ khác|
        (không|chưa|chẳng)
        [còn|phải|có|được|hề|là]* (đúng|phải|chính|chính xác|chuẩn|đủ|tồn tại|có thực|có thật|thực|thật|
        liên lạc|liên hệ|ll|
        lh|gọi|hoạt động|dùng|sử dụng|sd|xài|sài|còn|hợp lệ|xác định|nhận được|người dùng|rõ|của|kết nối|
        được|lắp|kích hoạt)
    """,
    "list": "danh sách|ds|dsách|nhóm|sổ|hệ thống",
    "thing": """
        lợn|trâu|bò|gà|cá|vịt|cháy|gia súc|gia cầm|dịch|heo|đất|bao|sống|pin|nghêu|tôm|chó|mèo|lúa|dê|
        ngựa|
        ong|ao|vật nuôi|đàn [_]|tằm|ngan|ngỗng|thú
    """,
}
