"""What a list says in a note beside a name, in shorthand that elsewhere would mean something else.

In a column of notes, beside a name or in a comment "về quê" says that somebody has left; elsewhere it is
where they work. Notation as in `hold_phrases`.
"""

from __future__ import annotations

from collections.abc import Mapping

NOTED: Mapping[str, str] = {
    "dead": """
^đã đi xa $
(mtp|tử tuất|đám ma|làm hồ sơ mtp)
^tv #
^(là|bản thân|bt) (liệt sĩ|ls)
(thác!|trăm tuổi) $
^x mất
^(mất) (chồng|vợ|con|cháu) nghe
(ngỏm|ngủm|ngoẻo|toi rồi|lên bàn thờ|nóc tủ)
nhà (đang có đám|có tang ông|có tang bà)
(có|để) tang chính
^(late|passed) [#] $
^(m|đm) # $
^(không còn|hết|hết rồi|ls) $
""",
    "refuses": """
^[nói|bảo] không (muốn|thích|cần|cho|lấy|ưng|nghe|có nhu cầu|nhu cầu|nhận|chịu|tiếp) [nữa|đâu|#|số|sđt]\
    $
không (cần|muốn|thích|cho|chịu|ưng|cho phép) (bị|ai|được|để|phải|cho)* (thông báo|nhắn|cung cấp|cho|\
    liên|nghe|gọi|gửi|biết|nhận|làm phiền|nhắc|<message>|sđt|số) {được}
không (cho|cung cấp|để lại|khai|đưa|tiết lộ) (số|sđt|thông tin|điện thoại|đt)
^(đã|xin|tự)* (hủy|chặn|rút|từ chối|dừng|ngừng|thôi|miễn|khỏi) (nhận|đơn|tên|lui|đk|dk|đăng ký|rồi)* $
(tc|t chối|t c) (nhận|tin|nt|<message>|nghe)
(kđy|kđ ý|không đy)
không tham gia nhận
(giữ bí mật|bảo mật|giấu|ngại (cho|cung cấp)|không công khai) số
(không|chưa) (cho|muốn|được)* (lưu|ghi|công khai|lấy) (số|sđt)
^không (sms|tin nhắn|tin|tn|nt|zalo không|báo|gửi thêm|nghe gọi)
(phiền quá|kêu phiền|nhắn nhiều quá|bị phiền)
(nói|bảo|kêu|bà nói|ông bảo) (thôi|khỏi|không cần|đừng|không) [khỏi|cần|nữa|báo|nhắn|đâu|nhé]* $
(soạn|nhắn|trả lời|gửi) (tc|hủy|stop|từ chối) $
(đã soạn|đã nhắn|soạn) hủy
^cấm! $
nhờ (xóa|bỏ|gỡ) (số|tên)
^[xin] bỏ tên
(trả lời|chọn|tích|tick|đánh dấu) không
(dnc|danh sách đen|không quảng cáo)
không (tham gia|theo) nữa
không được [phép] (nhắn|gọi|liên hệ)
không lấy số
miễn tiếp
^không tiếp
^(chê|ghét) (tin|nhắn|phiền)
""",
    "moved": """
^[đã|mới|đang] (cđ|cd|cđi|c đ|ch đi|chuyễn|ck đi|ck về|c k đi|c khẩu) (đi|về|sang|khẩu|hẳn|ra|vào|#|t #|\
    năm|từ|rồi|xã|huyện|tỉnh|hn|hp|hcm|tp|<far>)* $
^[đã|mới|đang] (cđ|cđi|ch đi|ck đi|ck|c k) (đi|về|sang|khẩu|ra|vào|hn|hp|hcm|tp|#|năm|từ|xã|huyện|tỉnh|\
    <far>)
(đi|làm|sống|ở|trông|giúp việc|công tác) (làm|làm ăn|làm thuê|lao động|lđ|buôn bán|buôn|cháu|con|công\
    ty|cty|việc|giúp việc|thuê|mướn)* [ở|tại|trong|ngoài|trên|dưới|bên] (<far>|(tỉnh|huyện) _|tỉnh ngoài|\
    ngoại tỉnh|miền trong)
làm (ăn|thuê|việc) [ở|tại|trong|ngoài|trên] (<far>|tỉnh ngoài)
về (với|ở với) (mẹ|bố mẹ) đẻ
(vào|vô|ra|lên|sang|xuống|về|qua|đến) [lại] (<far>)
^[đã|nay|mới|lại] (về|ra|vào) (quê|ngoại|nội|quê (ngoại|nội|vợ|chồng|mẹ|bố)) (sinh sống|ở|sống|rồi|luôn|\
    hẳn|làm ăn|làm|#|từ|lấy chồng)* [_] $
(về|ở) [bên|nhà|với] (quê|ngoại|chồng|vợ|nhà (chồng|vợ|ngoại|mẹ đẻ))
(in|to|from) (japan|korea|taiwan|usa|america|australia|germany)
(đi|dời|bỏ) (hẳn|luôn|cả (nhà|hộ)|mất|lâu (rồi|chưa)|rồi) [#|_] $
^[đã|tự] bỏ (đi|nhà|nhà đi|quê|làng|trốn|xứ)
(cả|toàn) (nhà|hộ|gia đình|gđ) (đã|đều|cùng)* (đi|chuyển|vào|vô|ra|sang|lên|về|dọn)
^(hộ|gđ|gia đình|nhà) [này] (đã|cũng|đều)* (đi|chuyển|dọn|vào|ra)
(nhà|cửa|hộ) (đã|thường xuyên)* (khóa|đóng) (cửa|cổng)
nhà trống!
(cho thuê nhà|nhà cho thuê)
(rẫy|nương|trại|chùa) ở (luôn|hẳn)
^đi (ở chùa|tu) $
^[đã|mới|đang] sang (anh|nga|séc) $
^(đang|đã|bị) (trong quân đội|ở quân đội|tù)
^tù! $
lên (đại học|cấp (3|ba)|thpt)
(khóa|đóng) cửa [nhà] (lâu|đi {làm}|suốt|bỏ|quanh năm)
đi vắng (lâu|dài|hẳn|cả|quanh|# (tháng|năm)|nhiều (tháng|năm))
không có (ở nhà|nhà) [_] # (năm|tháng)
nghỉ học (luôn|hẳn|đi|lấy|ở nhà|từ)
^[đã|xin] (nghỉ học|ra trường|tốt nghiệp|chuyển t|rút (hồ sơ|học bạ|hs)) (rồi|từ|năm|tháng|ngày|#|hk|để|\
    đi|về|chuyển|ở nhà|luôn|hẳn|t #|_)* $
rút (hồ sơ|học bạ)
(đi|vào|ở|bị) (trại|cải tạo|cai nghiện|cai|tập trung cai)
^[đã|đang] (đi|ở|vào|bị) tù {về}
(chấp hành|thi hành|thụ) án
(cơ sở|trung tâm|tt) cai
(phạt tù|án tù|tạm giam|bị bắt|trại giam|tù giam|bị giam)
(viện|trung tâm|nhà|trại|vào) dưỡng lão
(vào|ở) (trung tâm|tt) bảo trợ
trả (phòng|trọ|nhà|lại phòng)
hết (hạn tạm trú|thuê|tạm trú|trọ|hợp đồng thuê)
(thuê trọ|ở trọ|trọ|khách trọ|tạm trú) [_] [nay] (đã|mới) (đi|chuyển|trả|về)
(kt2|kt 2|hk|hộ khẩu|thường trú|cư trú) [thường trú] [ở|tại] (nơi|xã|tỉnh|huyện) khác
không có (hộ khẩu|hk|trong hộ khẩu|khẩu) (ở|tại|trong|thôn|xã)
""",
    "number": """
(<phone>) (này|là|của|của nhà|nhà|đứng tên|cho|để|ghi|nhập)* (<other>)
(<relative>|vợ|chồng|người khác|cháu) [đang|hiện|toàn] (dùng|cầm|giữ|xài) [số|máy|sđt|điện thoại|sim]\
    [này|của] {zalo|chung}
(cho|để|nhường) (con|cháu|vợ|chồng|người khác) (dùng|cầm|xài|giữ|rồi)
máy [để|đưa|cho] [cho] (<other>) [giữ|dùng|cầm]
(ghi|lấy|để|cho) [tạm|nhờ|hộ] (số|sđt) [của] (<other>)
(số|sđt) ghi (nhờ|tạm|hộ)
(ghi|để) (nhờ|tạm) số
máy (của|người) (<other>|khác)
(số|sđt) [đi] (nhờ|mượn|chung)
(nhờ|mượn|dùng nhờ|dùng) (số|sđt|máy|điện thoại) [của] (<other>)
(dùng|nhờ) nhờ
(thiếu|thừa|dư|sót) [mất|#|một|hai|1] (số|chữ số|con số) {nhà|thẻ|tiền}
(<phone>) [_] (thiếu|thừa|dư) [số|#]
(xem|kiểm tra|kt|check|hỏi|xác minh|đối chiếu|rà soát|kiểm|xin|lấy) lại (<phone>)
cần (xác minh|kiểm tra|xem|hỏi|sửa|cập nhật|xin) [lại] (<phone>)
(<phone>) (cần|đang|chờ) (kiểm tra|xác minh|cập nhật|hỏi|sửa)
(<phone>) (không chắc|có vấn đề)
chỉ có # số
(<phone>) [bị] (mờ|nghi|nghi ngờ|khó đọc|đọc không|nhòe|ghi sai|viết sai)
(không rõ|chưa rõ|nghi sai|nghi) (<phone>)
# số (nhưng|sai|thiếu|thừa|không)
^(không đúng|sai|nhầm|lộn|tb không|tb khóa) $
^(ss|kllđ|kll|klld) [được] $
^(số|sđt) (ông|bà|anh|chị|cô|chú|bác) _ $
gọi không phải $
(số|sim) (cửa hàng|quán|công ty|cty|cơ quan|bàn cũ)
""",
    "retired": """
^(đã|xin|cho|nay|được)* (nghỉ|hưu|nghĩ) (từ|#|năm|tháng|rồi|t #|chế độ|theo|qđ)* $
(hết hđ|hết hạn hđ)
""",
}
