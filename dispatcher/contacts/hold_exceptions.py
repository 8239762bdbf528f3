"""What sounds like a reason to hold somebody and is none: "mất sổ", "chưa mất", "con đi Nhật".

Notation: `typed_words.expression`, one phrase a line, written as a careful clerk spells; each word matches
however it is typed. In a cell that has accents a word without them is not taken for harmless.
"""

from __future__ import annotations

# Taken out before anything is looked for.
HARMLESS = """
mất [toàn bộ|hết|luôn|cái|một|hai|đi|một phần|# phần|#] (<lost>)
mất # (con|buổi|triệu|nghìn|k|đồng|giờ|phút|bên|lần|ngày công|phần|cái|chiếc|sào|m|ha|suất) {nay}
mất (cha|mẹ|bố|con|chồng|vợ|người thân|cả (cha|bố) lẫn mẹ|em|anh|chị) [trai|gái|đầu lòng|út] [đều] [từ|\
    lúc] [nhỏ|bé|sớm|trẻ] $
(đánh|làm|quên|bỏ) mất
(sổ|thẻ|giấy|hồ sơ|máy|điện thoại|đt|xe|bằng|cccd|cmnd|tiền|ví|phiếu) [_] [đã|bị|cũng|đều] mất
thất lạc
(làm|đi|nhờ|xin) [giấy] (khai tử|báo tử|chứng tử) cho
(khai tử|báo tử) [cho] (bố|mẹ|cha|chồng|vợ|con|em|anh|chị)
(bận|có|ăn|đi|dự|vắng) [việc] (đám|lễ|đưa) (tang|ma|hiếu|giỗ|cưới)
(tu|đạo) (sĩ|hành)
(người|ai) (có công|cao tuổi)
(con|vợ|chồng|mẹ|bố|cha|em|anh|thân nhân|gia đình|thờ cúng|thờ|bà|gđ|hộ|cháu|nhà) [của|là|có|ông|con]\
    liệt sĩ
(thờ cúng|thờ|giỗ|viếng) liệt sĩ
nghĩa trang [liệt sĩ]
(<thing>) [_] [đã|bị|đều|do] chết
chết (máy|dịch|khô|mê|cười|mệt|thôi|lợn|gà|trâu|bò|vịt)
(dịch|nước) chết
quá cố gắng
sinh tử
(nhóm|tổ|ban|hội|quỹ|cán bộ) (mai táng|tang lễ|hiếu|lễ tang)
(giúp|phục vụ|đến) (đám|lễ) (tang|ma|hiếu|giỗ|cưới)
chuyển (khoản|ck|tiền|quà!|đổi|giao|nhượng|mục đích|viện|tuyến|hồ sơ|hs|lương|phát|thư|giấy|loại|mạng|\
    sim|lời|thông báo|giùm|giúp|hộ {khẩu}|sổ|biến|kế toán|công an|ủy ban|cấp|nghề|bhyt|bhxh|phiếu|đơn {vị}|\
    hàng|máy|tiếp|hướng|hóa|biên|động|dạ|phôi|bệnh|bv|khoa|thuốc|gạo|chế độ|tài liệu|công văn|văn bản|danh\
    sách|ds|báo cáo|số liệu|bài|ảnh|tin|thẻ|hạng|ngạch|chính thức|đảng chính thức|kết quả|kinh phí|số tiền|\
    lịch|qua (con|cháu|tài khoản|ngân hàng|bưu điện|atm|thẻ|zalo)|cho (con|cháu|ông|bà|xã|kế toán|vợ|chồng)|\
    nhà (thuốc|xe|máy|vệ sinh|tắm|bếp|kho)|ca|giờ|lịch|trả|đất|giống|cấp (thẻ|cccd|đổi|lại)) {trường|sinh\
    hoạt}
chuyển sang (nộp|đóng|quý|sổ|dự bị)
chết tiệt
^cây [_] chết
(cấp|làm) lại (do|vì) mất
mất # (slđ|sức|sức khỏe|sức lao động)
mất liên lạc với (con|cháu|gia đình|vợ|chồng)
chuyển (vào|qua) (tài khoản|tk|thẻ|ngân hàng|sổ|quỹ)
chuyển lên (ủy ban|xã|huyện|cấp|tỉnh|công an|ubnd|lớp|hạng|ngạch|trên|tuyến|kế toán)
chuyển (sang|qua) (học|ăn|trả|cấp|khám|_phone|vinaphone|mobifone|vietnamobile|hộ|bhyt|bảo hiểm|nghề|làm|\
    dùng|trồng|nuôi|hình thức|diện|thẻ|zalo|số|kinh doanh|buôn bán|bán|cận|trạng thái|chế độ|mạng|gói|máy|\
    điện thoại|tên|viettel|vina|mobi|tuần|ngày|tháng|sử dụng|lương|kỳ|đợt|hưởng|học|chính thức|đảng|sáng|\
    chiều|hệ|nhóm|đối tượng|bên công an)
chuyển [đến|về|tới] từ (thôn|xóm|xã|huyện|tỉnh|tổ|nơi|trường|chi bộ|<province>|đơn vị) [_] [_] [_] [_]\
    (đến|sang|về|tới|lên)
chuyển (đến|về|tới) [ở (từ|#|năm!)] (từ|năm!|tháng!|ngày|#|t|mới)* $
(mới|vừa|được) chuyển (đến|về|tới|sang|vào) {<far>}
chuyển (đến|về) từ
chuyển (về|đến) (đây|địa phương|đp|nước|(thôn|xóm|xã|tổ|chi bộ|nhà|trường) [ta|nhà|mình|này] $|thường\
    trú)
(không|chưa) [thấy|có|hề] [trở|quay] về [nước|quê|nhà|địa phương]
chuyển (hộ khẩu|khẩu|hk|sinh hoạt|trường|đảng) (về|đến) (đây|địa phương|đp|thôn|xã|xóm|chi bộ) [ta|nhà|\
    mình|này|#|từ #|năm #] $
nhập (khẩu|hộ khẩu|hk) (từ (<province>)|(về|đến) (địa phương|thôn|xã|nhà|đây)) $
nhập (khẩu|hộ khẩu|hk) (từ|năm|$|#|(theo (chồng|vợ|con) )về (đây|thôn|xã|xóm))
(không|chưa) (nhận|thấy) được
chưa nhận
(không|chưa) nhận (quà|tiền|hỗ trợ|trợ cấp|gạo|lương|giấy|nuôi|con|chế độ|quyết định|sổ|thẻ|hàng|lì xì|\
    suất|quyền|lại|ra|thư|kết quả|giải|bằng|phần)
(không|chưa) (gọi|nhập) (là|tên|nhập ngũ)
không có (zalo|mạng|sóng|internet|smartphone)
gọi nhập ngũ
(không|chưa) gọi (bảo hành|thợ|xe|tên)
không nghe (điện thoại|máy|gọi|rõ) được
(bị|đã|tạm) khóa (tài khoản|thẻ|xe|nhà|cửa)
(gọi|nhắn|liên hệ|alo) [vào|cho|qua|được]* (số|sđt|máy) [của] (<other>)
số con #
(đã|mới|chưa|sắp) khỏi
xóa tạm trú
từ chối (đi (cai|học|làm|khám)|vào viện [dưỡng lão]|nhận (khoán|nhà|hàng|đất|thẻ))
từ chối (quà|vay|hỗ trợ|trợ cấp|khám|tiêm|kết bạn|nhập|bồi thường|di dời|vắc xin|chữa|mua|điều trị|nhận\
    (quà|tiền|hỗ trợ|trợ cấp|gạo|chế độ|đất|thẻ))
sai số (liệu|lượng|tiền)
số (liệu|lượng|tiền|nhà|thẻ|tài khoản|tk|cccd|cmnd|cmt|căn cước|sổ|bhxh|bhyt|định danh|hộ khẩu|hộ|hồ sơ|\
    khẩu|thứ tự|stk|mst|gplx|biển|xe|seri|phòng|báo danh|đo|dư) [cũ|bị] [sai|mất|nhầm]
(đổi|sai|thay|mất|bỏ|hủy|kiểm tra) số (nhà|thẻ|hộ khẩu|tài khoản|sổ|cccd|cmnd|căn cước|bhyt|bhxh|liệu|\
    lượng|tiền|hộ)
chuyển đổi số
chuyển đổi
(số|sđt) (zalo|chính|chính chủ|đúng|riêng|cá nhân|của mình)
(dùng|chung|xài) (chung|cùng) [số|máy|sđt|điện thoại]
chung (máy|số|sđt|điện thoại)
(nhắn|gọi|gửi|báo|liên hệ|nhờ|qua|nhận) [tin|zalo|điện] (cho|qua|nhờ|hộ|thay|giúp) (số của|số) (con|\
    chồng|vợ|cháu|bố|mẹ)
khóa (học|sổ|cửa đi (làm|học|chợ)|# {chiều})
bị thu hồi (đất|giấy|nhà|thẻ|sổ)
thu hồi (đất|giấy|sổ|thẻ|nhà)
rút (tiền|vốn|bhxh|bảo hiểm|tiết kiệm|kinh nghiệm|lương)
(hủy|dừng|ngừng|thôi) (đơn|hồ sơ|hợp đồng|phiếu|chuyến|kết quả|trợ cấp|hưởng|hỗ trợ|đóng|thẻ|tiền|bhxh|\
    bảo hiểm|lương|thi|vé|lịch|quyết định|giấy|bhyt|tiết kiệm|kinh nghiệm|tạm trú)
(không|chưa) (đăng ký|đk) (mua|thi|vay|tham gia|kết hôn|xe|đất|tạm trú)
(hủy|bỏ) (đăng ký|đk) (tạm trú|thường trú|xe|kết hôn|mua|thi)
(không|chưa) (đồng ý|chấp nhận|bằng lòng) (giá|bồi thường|đổi|ký|mức|phương án|đất|đền|di dời|hiến|làm|\
    bán|quy hoạch|thu hồi)
(không|chưa) (cần|muốn|thích|có nhu cầu) (hỗ trợ|vay|vốn|mua|khám|tiêm|quà|đổi|làm {phiền}|học|cấp|nhà|\
    tiền|đi|bán|vào|ra|chuyển|bảo hiểm|bhyt|thẻ|nhận (quà|tiền|hỗ trợ|trợ cấp|gạo|nuôi))
(không|chưa) tham gia (bhyt|bhxh|bảo hiểm|hội|họp|được|thi|sinh hoạt|hoạt động|đoàn|đảng)
không (dùng|sử dụng|xài|có|cài|chơi) (zalo|facebook|fb|mạng|internet|smartphone|điện|nước|thuốc|rượu|\
    tiền|vneid|dịch vụ|đến)
(không|chưa) biết (nhắn|dùng|đọc|chữ|sử dụng)
không (phải|thuộc) (hộ|đảng viên|diện|đối tượng|đoàn viên|hội viên|cán bộ|dân tộc)
(bỏ|gạch) (phiếu|trống|tiền|vốn|học bổng)
phản đối (dự án|quy hoạch|phương án|giá|việc (thu|xây|làm))
ra khỏi (hộ nghèo|diện|bệnh viện|viện|nhà)
(ra trường|tốt nghiệp) (chưa|đh|đại học|cđ|cao đẳng|loại|năm|thpt|thcs|lớp|cấp)
nghỉ [học|làm|họp] (buổi|hôm|thứ|sáng|chiều|tối|# ngày|# buổi|ốm|phép|hè|lễ|tết|thai sản|bán|chơi|mát|\
    trưa|ngơi|dưỡng|đẻ|sinh|có phép)
nghỉ học (vì ốm|do ốm|ốm)
(hưởng|lương|có|chế độ|tiền) hưu
zalo [số] khác
(trình độ|học vấn|tốt nghiệp) cđ
(cao đẳng|cđ|cd) (y|sư phạm|sp|điện|nghề|kinh tế|du lịch|giao thông|kỹ thuật|công nghiệp|dược|cơ khí|_\
    tế)
(trình độ|tốt nghiệp|học|bằng|hệ|trường) (cđ|cao đẳng)
công đoàn
về quê (ăn|thăm|chơi|nghỉ|có việc|đám|giỗ|cưới|họp|lấy|#|vài|mấy|dịp|tết|cuối tuần)
(đi|lên|ra|vào|về|xuống|sang) [_] [_] [_] (khám|chữa|họp|chơi|công tác|tập huấn|ăn cưới|đám|chợ|thăm|du\
    lịch|bệnh viện|viện|tham quan|mổ|điều trị|lễ) [bệnh] [ở|tại|trên|dưới|ngoài|trong|ra|vào] [<far>]
(đi|lên|ra|vào|về|xuống|sang) (<province>) (tối|sáng|chiều) về
(đi|lên|ra|vào|xuống|sang) (<far>) # (ngày|hôm|tuần|buổi)
(đi|ở) (đám|lễ)
làm (công nhân|thợ|cn) [ở|tại] [_] [_]
đi làm công ty (<abroad>|_ <abroad>)
công ty (<abroad>)
(làm ruộng|làm rẫy|buôn bán) [ở|tại] ((<unit>) (bên|khác))
(người|xe|hàng|tiếng|vốn|tiền|công ty|cty|dự án|tổ chức|gốc|gạo|táo|sâm|quốc tịch) (<abroad>) {không về}
(bán|mua|xây|sửa|thuê|làm|nhà) nhà {đi|chuyển|rồi đi|$|để|rồi|và|cho|lên|về}
tạm vắng (mặt|họp)
vắng (họp|buổi|sinh hoạt|có phép|không phép|có lý do)
"""

# Turns what follows round: "chưa mất", "không từ chối", "trừ người đã mất". Read just before a match.
NEGATION = """
(chưa|không|đâu|trừ|ngoại trừ|không (bao gồm|gồm|kể|tính)|đã loại|loại bỏ|thay [cho]|sắp|chuẩn bị|dự\
    kiến|định|suýt|tưởng
|chưa (muốn|thể)|đang xin|có ý định|cựu|chờ visa|hồ sơ|học nghề|nếu|phòng khi|tránh|khi) (ai|người|ông|\
    bà|số|các|những|trường hợp|đối tượng|hề|có|bị|là|đã|được|phải|từng|đi|muốn)*
"""
# Said of somebody else: "con đi Nhật", "bố đã mất", unless it is they who report it.
RELATIVE = """
(<relative>|chồng|vợ|em|anh|chị) [_] (đã|đang|mới|đều|vừa|bị|cũng|hiện|nay)*
"""
RELATIVE_OF_THE_DEAD = """
(<relative>) [bà|ông|cô|anh|chị|cả|út|thứ] (đã|mới|đều|vừa|bị|cũng)*
"""
REPORTING = "(báo|nói|bảo|kể|cho biết|nghe|trả lời|xác nhận|báo lại|kêu|vợ chồng)"
# Turns a journey round: they are back, or only thinking of it; or it is only the money for it.
BACK = """
(về nước|trở về|mới về|vừa về|đã [đi làm] về ($|nước|địa phương|đp|đây|nhà $|thôn|xã|rồi|#|năm|từ)|về\
    (rồi|#)|về $|về năm|tối về|sáng về|tuần về|tháng về|hàng ngày|quay (về|lại)|vay [vốn]|muốn đi|đăng ký\
    (đi|xklđ|xkld|xuất khẩu|du học)|có nhu cầu
|chuẩn bị|học tiếng|từng|công ty|cty|quốc tịch|dạy tiếng|tư vấn|hồi hương|hết hạn về|hộ có|nhà có|gia\
    đình có|có con|về phép)
"""
